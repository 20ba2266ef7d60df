#include "jetpinn/profile/profile_compare.hpp"

#include "jetpinn/profile/profile_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace jetpinn {
namespace {

constexpr double least_difference = 0.02;   // of the first run: below it the clock of the processor alone explains it
constexpr std::size_t least_intervals = 4;  // with fewer, percentiles are the extremes of nothing
constexpr double too_small = 0.01;          // of the step: a region that takes less is not judged

// Linear between order statistics; values ascending.
double quantile(const std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  const double place = share * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (place - static_cast<double>(low)) * (values[high] - values[low]);
}

std::string time_text(double seconds) {
  if (seconds == 0) return "-";
  if (seconds < 1e-3) return fmt::format("{:.3g} us", 1e6 * seconds);
  return seconds < 1 ? fmt::format("{:.3g} ms", 1e3 * seconds) : fmt::format("{:.3g} s", seconds);
}

std::string ratio_text(double a, double b) { return a > 0 && b > 0 ? fmt::format("{:.2f}", b / a) : "-"; }

std::string verdict_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::faster: return "faster";
    case Verdict::slower: return "slower";
    case Verdict::unknown: return "?";
    case Verdict::same: break;
  }
  return "";
}

std::string row(const std::string& name, const std::string& a, const std::string& b, const std::string& ratio,
                const std::string& verdict) {
  std::string line = fmt::format("{:<20}{:>14}{:>14}{:>8}  {}", name, a, b, ratio, verdict);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

// Times of a run that cannot be taken per interval, bytes, shares: set side by side without a verdict.
std::string plain_rows(const ProfileSummary& a, const ProfileSummary& b) {
  const auto share = [](double value) { return value > 0 ? fmt::format("{:.0f} %", 100 * value) : "-"; };
  const auto bytes = [&](const char* name, const Spread& x, const Spread& y) {
    return row(name, fmt::format("{:.1f} MiB", in_mib(x.max)), fmt::format("{:.1f} MiB", in_mib(y.max)),
               ratio_text(x.max, y.max), "");
  };
  return row("start-up", time_text(a.startup_s), time_text(b.startup_s), ratio_text(a.startup_s, b.startup_s), "") +
         row("wall", time_text(a.wall_s.max), time_text(b.wall_s.max), ratio_text(a.wall_s.max, b.wall_s.max), "") +
         row("steps", std::to_string(a.steps), std::to_string(b.steps),
             ratio_text(static_cast<double>(a.steps), static_cast<double>(b.steps)), "") +
         row("imbalance", fmt::format("{:.1f} %", 100 * a.imbalance), fmt::format("{:.1f} %", 100 * b.imbalance), "", "") +
         row("utilisation", share(a.utilisation_of_steps), share(b.utilisation_of_steps),
             ratio_text(a.utilisation_of_steps, b.utilisation_of_steps), "") +
         bytes("memory used", a.memory.used, b.memory.used) +
         bytes("memory resident", a.memory.resident, b.memory.resident) + bytes("memory peak", a.memory.peak, b.memory.peak);
}

std::string difference_of_setups(const ProfileSummary& a, const ProfileSummary& b) {
  std::string text;
  const auto differs = [&](const char* what, const auto& x, const auto& y) {
    if (x != y) text += fmt::format("{}{} {} and {}", text.empty() ? "" : ", ", what, x, y);
  };
  differs("ranks", a.ranks, b.ranks);
  differs("points", a.points, b.points);
  differs("precision", a.precision, b.precision);
  differs("device", a.device, b.device);
  differs("version", a.version, b.version);
  return text.empty() ? "" : "the runs differ in " + text + "\n";
}

}  // namespace

void IntervalTimes::add(const IntervalRecord& record) {
  const std::int64_t steps = record.last_step - record.first_step;
  if (steps <= 0) return;
  Interval& interval = intervals_[record.interval];
  ++interval.ranks;
  interval.startup = interval.startup || holds_startup(record);
  for (const auto& [name, seconds] : record.regions) interval.regions[name] += seconds / static_cast<double>(steps);
  interval.regions[""] += record.step_s.median;
}

std::vector<double> IntervalTimes::values(const std::string& name) const {
  const bool others =
      std::any_of(intervals_.begin(), intervals_.end(), [](const auto& entry) { return !entry.second.startup; });
  std::vector<double> result;
  for (const auto& [number, interval] : intervals_) {
    if (others && interval.startup) continue;
    const auto entry = interval.regions.find(name);
    result.push_back(entry == interval.regions.end() ? 0 : entry->second / interval.ranks);
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<double> IntervalTimes::region(const std::string& name) const { return values(name); }
std::vector<double> IntervalTimes::step() const { return values(""); }

Verdict judge(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() < least_intervals || b.size() < least_intervals) return Verdict::unknown;
  const double middle_a = quantile(a, 0.5), middle_b = quantile(b, 0.5);
  if (std::abs(middle_b - middle_a) <= least_difference * middle_a) return Verdict::same;
  if (quantile(b, 0.1) > quantile(a, 0.9)) return Verdict::slower;
  if (quantile(b, 0.9) < quantile(a, 0.1)) return Verdict::faster;
  return Verdict::same;
}

std::string compare_profiles(const ComparedRun& a, const ComparedRun& b) {
  std::string text = fmt::format("A  {}\nB  {}\n", a.name, b.name) + difference_of_setups(*a.summary, *b.summary) + "\n" +
                     row("time per step", "A", "B", "B / A", "beyond the scatter of intervals");
  std::vector<std::string> names;
  for (const ComparedRun* run : {&a, &b})
    for (const RegionSummary& region : run->summary->regions)
      if (region.name != "startup" && std::find(names.begin(), names.end(), region.name) == names.end())
        names.push_back(region.name);

  const std::vector<double> step_a = a.times->step(), step_b = b.times->step();
  const double floor = too_small * std::max(quantile(step_a, 0.5), quantile(step_b, 0.5));
  std::string changes;
  bool unknown = false;
  const auto compare = [&](const std::string& name, const std::vector<double>& x, const std::vector<double>& y) {
    const double middle_x = quantile(x, 0.5), middle_y = quantile(y, 0.5);
    if (middle_x == 0 && middle_y == 0) return;
    const Verdict verdict = std::max(middle_x, middle_y) < floor ? Verdict::same : judge(x, y);
    text += row(name, time_text(middle_x), time_text(middle_y), ratio_text(middle_x, middle_y), verdict_text(verdict));
    unknown = unknown || verdict == Verdict::unknown;
    if (verdict != Verdict::faster && verdict != Verdict::slower) return;
    const bool factor = middle_x > 0 && middle_y > 0;
    const double times = verdict == Verdict::slower ? middle_y / middle_x : middle_x / middle_y;
    changes += fmt::format("{}{} {}{}", changes.empty() ? "" : ", ", name, factor ? fmt::format("{:.2f} times ", times) : "",
                           verdict_text(verdict));
  };
  for (const std::string& name : names) compare(name, a.times->region(name), b.times->region(name));
  compare("step", step_a, step_b);
  text += "\n" + plain_rows(*a.summary, *b.summary) + "\nbottleneck of A  " + a.summary->bottleneck.sentence +
          "\nbottleneck of B  " + b.summary->bottleneck.sentence + "\n";
  if (!changes.empty()) return text + "B against A: " + changes + "\n";
  return text + (unknown ? fmt::format("B against A: fewer than {} intervals with steps in one of them, too few to tell a "
                                       "difference from noise\n",
                                       least_intervals)
                         : "B against A: nothing differs by more than the intervals of each run scatter\n");
}

}  // namespace jetpinn
