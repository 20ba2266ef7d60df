#include "jetpinn/scale/scale_study.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/plural.hpp"
#include "jetpinn/base/types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace jetpinn {
namespace {

constexpr double wanted_efficiency = 0.9;
constexpr double good_error = 0.15;   // of a model that is worth listening to
constexpr int largest_prediction = 1024;

// The run whose time is the median of them, or the two whose mean it is.
std::vector<const MeasuredRun*> middle_runs(std::vector<const MeasuredRun*> runs, double MeasuredRun::*time) {
  std::stable_sort(runs.begin(), runs.end(),
                   [&](const MeasuredRun* a, const MeasuredRun* b) { return a->*time < b->*time; });
  const std::size_t n = runs.size();
  if (n == 0) return {};
  if (n % 2 == 1) return {runs[n / 2]};
  return {runs[n / 2 - 1], runs[n / 2]};
}

// The split is that of the time that is shown. Medians of each part over the runs would not sum to it, nor
// would the parts of another run.
void split_step(MeasuredConfiguration& result, const std::vector<const MeasuredRun*>& middle) {
  const auto mean_of = [&](const auto& value) {
    double sum = 0;
    for (const MeasuredRun* run : middle) sum += value(*run);
    return sum / static_cast<double>(middle.size());
  };
  const bool profiled =
      std::none_of(middle.begin(), middle.end(), [](const MeasuredRun* run) { return run->split.empty(); });
  if (middle.empty()) return;
  result.step_s = mean_of([](const MeasuredRun& run) { return run.step_s; });
  if (!profiled) return;
  for (const std::string& part : split_parts())
    result.split[part] = mean_of([&](const MeasuredRun& run) { return run.split.at(part); });
  result.imbalance = mean_of([](const MeasuredRun& run) { return run.imbalance; });
  result.used_over_minimum =
      mean_of([](const MeasuredRun& run) { return run.minimum_mib > 0 ? run.used_mib / run.minimum_mib : 0; });
}

MeasuredConfiguration evaluate(const ScaleOptions& options, const Configuration& configuration,
                               const std::vector<MeasuredRun>& runs) {
  MeasuredConfiguration result;
  result.configuration = configuration;
  result.runs = runs;
  const auto time = options.until_error > 0 ? &MeasuredRun::time_to_error_s : &MeasuredRun::step_s;
  std::vector<const MeasuredRun*> measured;
  std::vector<double> seconds, peaks;
  for (const MeasuredRun& run : runs) {
    if (run.state != MeasuredRun::State::measured) continue;
    measured.push_back(&run);
    seconds.push_back(run.*time);
    if (!run.peak_mib.empty()) peaks.push_back(*std::max_element(run.peak_mib.begin(), run.peak_mib.end()));
  }
  result.seconds = spread_of(seconds);
  result.peak_mib = spread_of(peaks).median;
  split_step(result, middle_runs(measured, time));
  return result;
}

const MeasuredConfiguration* one_rank(const std::vector<MeasuredConfiguration>& measured, std::int64_t points) {
  const auto found = std::find_if(measured.begin(), measured.end(), [&](const MeasuredConfiguration& m) {
    return m.configuration.ranks == 1 && m.configuration.points == points && m.measured();
  });
  return found == measured.end() ? nullptr : &*found;
}

void compare_with_one_rank(std::vector<MeasuredConfiguration>& measured) {
  for (MeasuredConfiguration& m : measured) {
    const MeasuredConfiguration* one = m.measured() ? one_rank(measured, m.configuration.points) : nullptr;
    if (!one) continue;
    const int ranks = m.configuration.ranks;
    m.speed_up = speed_up(one->seconds.median, m.seconds.median);
    m.efficiency = efficiency(one->seconds.median, m.seconds.median, ranks);
    m.efficiency_low = ranks == 1 ? 1 : efficiency(one->seconds.lower, m.seconds.upper, ranks);
    m.efficiency_high = ranks == 1 ? 1 : efficiency(one->seconds.upper, m.seconds.lower, ranks);
  }
}

std::string name_of(int ranks, std::int64_t points) { return plural(ranks, "rank") + ", " + plural(points, "point"); }

// The fewest points per rank, in what the model says; < 0: with none.
std::int64_t fewest_for_wanted(const Study& study, int ranks) {
  const std::int64_t n = study.model->points_per_rank(wanted_efficiency, ranks);
  return n < 0 ? n : std::max(n, block_points);
}

// A measurement with as many ranks is on the other side of the wanted efficiency than the model
// says for its points per rank.
const MeasuredConfiguration* contradiction(const Study& study, int ranks) {
  const std::int64_t fewest = fewest_for_wanted(study, ranks);
  for (const MeasuredConfiguration& m : study.measured) {
    if (m.configuration.ranks != ranks || m.efficiency < 0) continue;
    const bool promised = fewest >= 0 && m.points_per_rank() >= static_cast<double>(fewest);
    if (promised != (m.efficiency >= wanted_efficiency)) return &m;
  }
  return nullptr;
}

std::set<int> several_ranks(const Study& study) {
  std::set<int> counts;
  for (const ScalingPoint& point : study.points())
    if (point.ranks > 1) counts.insert(point.ranks);
  return counts;
}

void fit(Study& study) {
  const std::vector<ScalingPoint> points = study.points();
  if (!study.of_steps() || points.size() < 2) return;
  study.model = fit_scaling(points);
  study.held_back = hold_back(points);
}

// A model that misses or contradicts what was measured is not asked about what was not.
void predict(Study& study) {
  const std::set<int> counts = several_ranks(study);
  if (!study.model_is_good() ||
      std::any_of(counts.begin(), counts.end(), [&](int ranks) { return contradiction(study, ranks); }))
    return;
  const std::vector<ScalingPoint> points = study.points();
  const ScalingPoint& largest =
      *std::max_element(points.begin(), points.end(), [](const ScalingPoint& a, const ScalingPoint& b) {
        return std::pair(a.ranks, a.points) < std::pair(b.ranks, b.points);
      });
  if (largest.ranks == 1) return;
  const std::int64_t per_rank = largest.points / largest.ranks;
  for (int ranks = 2 * largest.ranks; ranks <= largest_prediction; ranks *= 2) {
    const std::int64_t total = study.options.kind == ScaleKind::weak ? per_rank * ranks : largest.points;
    if (total >= ranks)
      study.predictions.push_back({ranks, total, study.model->step_time(total, ranks), study.model->efficiency(total, ranks),
                                   study.model->points_per_rank(wanted_efficiency, ranks)});
  }
}

void warn(Study& study) {
  const auto add = [&](const std::string& text) { study.warnings.push_back(text); };
  if (study.options.oversubscribe)
    add("ranks were allowed to share cores (--oversubscribe): their times say nothing about scaling");
  for (const MeasuredConfiguration& m : study.measured) {
    const std::string who = name_of(m.configuration.ranks, m.configuration.points);
    if (const MeasuredRun* hole = m.failure(); hole && m.measured())
      add(who + ": not every repeat was measured (" + describe_hole(*hole) + ")");
    if (m.seconds.noise() > 0.1)
      add(fmt::format("{}: times differ by {:.0f} % between repeats; was the machine idle?", who, 100 * m.seconds.noise()));
    if (m.efficiency > 1.05)
      add(fmt::format(
          "{}: an efficiency of {:.0f} % is better than the share of the work explains: caches, or a disturbed one-rank run",
          who, 100 * m.efficiency));
  }
  if (study.options.repeats == 1) add("one repeat: no spread is known");
  if (study.model && !study.model_is_good()) {
    const ModelMiss miss = *study.largest_miss();
    add(fmt::format(
        "the model misses {}{} by {:.0f} %: it is not to be trusted, and nothing is promised; measure on an idle machine, "
        "with more steps and repeats",
        name_of(miss.ranks, miss.points), miss.seen ? "" : " (without having seen it)", 100 * std::abs(miss.error)));
  } else if (study.model) {
    for (const int ranks : several_ranks(study))
      if (const MeasuredConfiguration* row = contradiction(study, ranks))
        add(
            fmt::format("the model and the measured {:.1f} % of {} contradict each other about an efficiency of 90 %: "
                        "nothing is promised",
                        100 * row->efficiency, name_of(ranks, row->configuration.points)));
  }
  if (study.model && study.held_back.empty())
    add("too few configurations to hold one back: nothing says how well the model predicts");
}

// "measured on 2 ranks: an efficiency of 48.0 % with 512 points per rank, 99.0 % with 5120"
std::string measured_sentence(const Study& study, int ranks) {
  std::string text;
  for (const MeasuredConfiguration& m : study.measured) {
    if (m.configuration.ranks != ranks || m.efficiency < 0) continue;
    const bool first = text.empty();
    text += first ? fmt::format("measured on {} ranks: an efficiency of ", ranks) : ", ";
    text += fmt::format("{:.1f} % with {:.0f}{}", 100 * m.efficiency, m.points_per_rank(), first ? " points per rank" : "");
  }
  return text;
}

}  // namespace

const MeasuredRun* MeasuredConfiguration::failure() const {
  const auto found = std::find_if(runs.begin(), runs.end(),
                                  [](const MeasuredRun& run) { return run.state != MeasuredRun::State::measured; });
  return found == runs.end() ? nullptr : &*found;
}

std::optional<StepParts> MeasuredConfiguration::parts() const {
  if (split.empty()) return std::nullopt;
  return StepParts{split.at("optimizer") + split.at("other"), split.at("allreduce_wait") + split.at("allreduce_move")};
}

std::vector<ScalingPoint> Study::points() const {
  std::vector<ScalingPoint> list;
  for (const MeasuredConfiguration& m : measured)
    if (m.measured()) list.push_back({m.configuration.ranks, m.configuration.points, m.seconds.median, m.parts()});
  return list;
}

std::optional<ModelMiss> Study::largest_miss() const {
  if (!model) return std::nullopt;
  std::vector<ModelMiss> misses;
  for (const ScalingPoint& point : points())
    misses.push_back({point.ranks, point.points, model->step_time(point.points, point.ranks) / point.step_s - 1, true});
  for (const HeldBack& held : held_back) misses.push_back({held.point.ranks, held.point.points, held.error(), false});
  return *std::max_element(misses.begin(), misses.end(),
                           [](const ModelMiss& a, const ModelMiss& b) { return std::abs(a.error) < std::abs(b.error); });
}

bool Study::model_is_good() const { return model && std::abs(largest_miss()->error) <= good_error; }

int Study::status() const {
  for (const MeasuredConfiguration& m : measured) {
    const MeasuredRun* hole = m.failure();
    if (!hole) continue;
    return hole->status > 0
               ? hole->status
               : static_cast<int>(hole->state == MeasuredRun::State::missing ? Status::communication : Status::numerical);
  }
  return static_cast<int>(Status::done);
}

Study evaluate_study(const ScaleOptions& options, const std::vector<Configuration>& plan,
                     const std::vector<std::vector<MeasuredRun>>& runs) {
  Study study;
  study.options = options;
  for (std::size_t i = 0; i < plan.size(); ++i) study.measured.push_back(evaluate(options, plan[i], runs[i]));
  for (const MeasuredConfiguration& m : study.measured)
    for (const MeasuredRun& run : m.runs) study.parameters = std::max(study.parameters, run.parameters);
  study.message_bytes = 8 * study.parameters;
  compare_with_one_rank(study.measured);
  if (options.kind != ScaleKind::memory) fit(study);
  predict(study);
  warn(study);
  return study;
}

std::vector<std::string> efficiency_sentences(const Study& study) {
  std::vector<std::string> sentences;
  if (!study.model) return sentences;
  for (const int ranks : several_ranks(study)) {
    const std::int64_t fewest = fewest_for_wanted(study, ranks);
    if (!study.model_is_good() || contradiction(study, ranks)) {
      if (const std::string measured = measured_sentence(study, ranks); !measured.empty()) sentences.push_back(measured);
    } else if (fewest < 0) {
      sentences.push_back(fmt::format("on {} ranks no number of points makes the efficiency >= 90 %", ranks));
    } else {
      sentences.push_back(fmt::format("from {} points per rank on, efficiency on {} ranks is >= 90 %", fewest, ranks));
    }
  }
  return sentences;
}

std::vector<std::string> model_sentences(const Study& study) {
  std::vector<std::string> lines;
  if (!study.model) return lines;
  const ScalingModel& model = *study.model;
  lines.push_back(fmt::format("step        {:10.2f} us      what every rank does whatever its share", 1e6 * model.step_s));
  lines.push_back(fmt::format("compute     {:10.2f} ns      per point of a rank ({:.3g} points/s)", 1e9 * model.point_s,
                              model.point_s > 0 ? 1 / model.point_s : 0));
  lines.push_back(
      fmt::format("latency     {:10.2f} us      per level of the tree, times log2 of the ranks", 1e6 * model.level_s));
  std::string bandwidth;
  if (model.message_s > 0)
    bandwidth = fmt::format(" ({} bytes: {:.3g} MB/s)", study.message_bytes,
                            1e-6 * static_cast<double>(study.message_bytes) / model.message_s);
  lines.push_back(fmt::format("message     {:10.2f} us      bytes over bandwidth, as soon as there are two ranks{}",
                              1e6 * model.message_s, bandwidth));
  lines.push_back(fmt::format("imbalance   {:10.2f} ns      per point of a rank, as soon as there are two ranks",
                              1e9 * model.imbalance_s));
  lines.push_back(fmt::format("largest error over what it was fitted to: {:.1f} %", 100 * model.largest_error));
  double unseen = 0;
  for (const HeldBack& held : study.held_back) unseen = std::max(unseen, std::abs(held.error()));
  if (!study.held_back.empty())
    lines.push_back(fmt::format("largest error for a configuration it had not seen ({} held back in turn): {:.1f} %",
                                study.held_back.size(), 100 * unseen));
  return lines;
}

}  // namespace jetpinn
