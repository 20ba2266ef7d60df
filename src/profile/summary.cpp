#include "jetpinn/profile/summary.hpp"

#include "jetpinn/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>

namespace jetpinn {
namespace {

constexpr const char* order[] = {
    "startup",  "product",    "activation", "tape", "allreduce_wait", "allreduce_move", "optimizer",
    "sampling", "evaluation", "checkpoint", "io",   "idle",           "other"};
constexpr const char* work_regions[] = {"product", "activation", "tape", "optimizer", "sampling"};
constexpr double cache_line = 64;   // bytes

using Of = std::function<double(const RankTotals&)>;
using Ranks = std::vector<RankTotals>;

Spread spread(const Ranks& ranks, const Of& value) {
  Spread result{value(ranks[0]), 0, value(ranks[0])};
  for (const RankTotals& rank : ranks) {
    const double here = value(rank);
    result.min = std::min(result.min, here);
    result.max = std::max(result.max, here);
    result.mean += here / static_cast<double>(ranks.size());
  }
  return result;
}

double ratio(double a, double b) { return b > 0 ? a / b : 0; }

double work_of(const RankTotals& rank) {
  double seconds = 0;
  for (const char* name : work_regions) seconds += rank.region(name);
  return seconds;
}

double accounted_of(const RankTotals& rank) {
  double seconds = 0;
  for (const auto& [name, value] : rank.sum.regions) seconds += value;
  return ratio(seconds, rank.wall_s);
}

// A rank that waits may sleep or spin, one that writes or starts may sleep: what it ran less than the rest of its
// time, it had work and no core.
double working_of(const RankTotals& rank) {
  double seconds = rank.wall_s;
  for (const char* name : {"startup", "allreduce_wait", "allreduce_move", "idle", "checkpoint", "io"})
    seconds -= rank.region(name);
  return std::max(seconds, 0.0);
}
double off_core_seconds(const RankTotals& rank) { return std::max(working_of(rank) - rank.sum.counters.cpu_s, 0.0); }
double off_core_of(const RankTotals& rank) { return ratio(off_core_seconds(rank), working_of(rank)); }

std::vector<RegionSummary> region_summaries(const Ranks& ranks) {
  std::set<std::string> unknown;
  for (const RankTotals& rank : ranks)
    for (const auto& [name, seconds] : rank.sum.regions) unknown.insert(name);
  std::vector<std::string> names;
  for (const char* name : order)
    if (unknown.erase(name) > 0) names.emplace_back(name);
  names.insert(names.end(), unknown.begin(), unknown.end());

  std::vector<RegionSummary> regions;
  for (const std::string& name : names) {
    const Of seconds = [&](const RankTotals& rank) { return rank.region(name); };
    const auto longest =
        std::max_element(ranks.begin(), ranks.end(), [&](const auto& a, const auto& b) { return seconds(a) < seconds(b); });
    regions.push_back({name, spread(ranks, seconds), longest->sum.rank});
  }
  return regions;
}

KernelSummary kernel_summary(const Ranks& ranks, const std::string& name) {
  const auto of = [&](const RankTotals& rank) {
    const auto entry = rank.sum.kernels.find(name);
    return entry == rank.sum.kernels.end() ? KernelRecord{} : entry->second;
  };
  KernelSummary kernel;
  kernel.name = name;
  kernel.seconds = spread(ranks, [&](const RankTotals& rank) { return of(rank).seconds; });
  kernel.flops = spread(ranks, [&](const RankTotals& rank) { return ratio(of(rank).work.flop, of(rank).seconds); });
  kernel.bytes = spread(ranks, [&](const RankTotals& rank) { return ratio(of(rank).work.bytes, of(rank).seconds); });
  const bool known = std::all_of(ranks.begin(), ranks.end(), [&](const RankTotals& rank) {
    return of(rank).seconds == 0 || rank.roofline_s.count(name) > 0;
  });
  if (!known) return kernel;
  kernel.roofline = spread(ranks, [&](const RankTotals& rank) {
    const auto entry = rank.roofline_s.find(name);
    return entry == rank.roofline_s.end() ? 0 : ratio(entry->second, of(rank).seconds);
  });
  kernel.flop_s =
      spread(ranks, [&](const RankTotals& rank) { return ratio(of(rank).work.flop, rank.sum.peaks.flops); }).mean;
  kernel.bytes_s =
      spread(ranks, [&](const RankTotals& rank) { return ratio(of(rank).work.bytes, rank.sum.peaks.cache_bytes); }).mean;
  return kernel;
}

std::vector<KernelSummary> kernel_summaries(const Ranks& ranks) {
  std::set<std::string> names;
  for (const RankTotals& rank : ranks)
    for (const auto& [name, kernel] : rank.sum.kernels) names.insert(name);
  std::vector<KernelSummary> kernels;
  for (const char* name : {"product", "activation", "tape"})
    if (names.erase(name) > 0) kernels.push_back(kernel_summary(ranks, name));
  for (const std::string& name : names) kernels.push_back(kernel_summary(ranks, name));
  return kernels;
}

// Ranks of a machine share what is left of it: the whole is what they hold and what the tightest of them could still take.
void find_tightest_host(const Ranks& ranks, MemorySummary& memory) {
  std::map<std::string, std::pair<double, double>> hosts;   // held, left
  for (const RankTotals& rank : ranks) {
    const MemoryRecord& here = rank.sum.memory;
    auto& [held, left] = hosts[rank.sum.host];
    held += static_cast<double>(here.resident);
    if (here.available > 0)
      left = left > 0 ? std::min(left, static_cast<double>(here.available)) : static_cast<double>(here.available);
  }
  for (const auto& [host, bytes] : hosts) {
    const auto [held, left] = bytes;
    if (left <= 0 || left / (held + left) >= memory.least_left) continue;
    memory.least_left = left / (held + left);
    memory.least_left_host = host;
  }
}

MemorySummary memory_summary(const Ranks& ranks) {
  const auto bytes = [&](std::int64_t MemoryRecord::*part) {
    return spread(ranks, [&](const RankTotals& rank) { return static_cast<double>(rank.sum.memory.*part); });
  };
  MemorySummary memory;
  memory.pool = bytes(&MemoryRecord::pool);
  memory.pool_unused = bytes(&MemoryRecord::pool_unused);
  memory.planned = bytes(&MemoryRecord::planned);
  memory.used = bytes(&MemoryRecord::used);
  memory.minimum = bytes(&MemoryRecord::minimum);
  memory.resident = bytes(&MemoryRecord::resident);
  memory.peak = bytes(&MemoryRecord::peak);
  memory.efficiency = spread(ranks, [](const RankTotals& rank) {
    return ratio(static_cast<double>(rank.sum.memory.minimum), static_cast<double>(rank.sum.memory.used));
  });
  find_tightest_host(ranks, memory);
  return memory;
}

RankFacts facts_of(const RankTotals& rank) {
  RankFacts facts;
  facts.rank = rank.sum.rank;
  facts.host = rank.sum.host;
  facts.wall_s = rank.wall_s;
  facts.work_s = work_of(rank);
  facts.wait_s = rank.region("allreduce_wait");
  facts.off_core = off_core_of(rank);
  facts.queued = std::min(ratio(rank.sum.counters.queued_s.value_or(0), rank.wall_s), 1.0);
  facts.displaced_per_s = ratio(static_cast<double>(rank.sum.counters.displaced), rank.wall_s);
  facts.points = static_cast<double>(rank.sum.points);
  facts.evaluations = static_cast<double>(rank.sum.evaluations);
  for (const auto& [name, kernel] : rank.sum.kernels) facts.flop += kernel.work.flop;
  return facts;
}

RankFacts mean_of(const std::vector<RankFacts>& all) {
  RankFacts mean;
  for (double RankFacts::*part :
       {&RankFacts::wall_s, &RankFacts::work_s, &RankFacts::wait_s, &RankFacts::off_core, &RankFacts::displaced_per_s,
        &RankFacts::points, &RankFacts::evaluations, &RankFacts::flop})
    for (const RankFacts& facts : all) mean.*part += facts.*part / static_cast<double>(all.size());
  return mean;
}

void compare_ranks(const Ranks& ranks, ProfileSummary& summary) {
  summary.work_s = spread(ranks, work_of);
  summary.imbalance = summary.work_s.mean > 0 ? summary.work_s.max / summary.work_s.mean - 1 : 0;
  std::vector<RankFacts> facts;
  for (const RankTotals& rank : ranks) facts.push_back(facts_of(rank));
  const auto slowest =
      std::max_element(facts.begin(), facts.end(), [](const auto& a, const auto& b) { return a.work_s < b.work_s; });
  const auto kept_off =
      std::max_element(facts.begin(), facts.end(), [](const auto& a, const auto& b) { return a.queued < b.queued; });
  summary.kept_off = *kept_off;
  for (const RankFacts& rank : facts)
    if (rank.rank != kept_off->rank) summary.others_queued += rank.queued / static_cast<double>(facts.size() - 1);
  summary.slowest = *slowest;
  if (facts.size() > 1) facts.erase(slowest);
  summary.others = mean_of(facts);
}

void add_utilisation(const Ranks& ranks, ProfileSummary& summary) {
  const bool known = std::all_of(ranks.begin(), ranks.end(),
                                 [](const RankTotals& rank) { return rank.roofline_s.size() == rank.sum.kernels.size(); });
  if (!known) return;
  const auto allowed = [](const RankTotals& rank) {
    return std::accumulate(rank.roofline_s.begin(), rank.roofline_s.end(), 0.0,
                           [](double sum, const auto& entry) { return sum + entry.second; });
  };
  summary.utilisation = spread(ranks, [&](const RankTotals& rank) { return ratio(allowed(rank), rank.wall_s); }).mean;
  summary.utilisation_of_steps =
      spread(ranks, [&](const RankTotals& rank) { return ratio(allowed(rank), rank.wall_s - rank.region("startup")); }).mean;
}

void add_counters(const Ranks& ranks, ProfileSummary& summary) {
  summary.cpu_share = spread(ranks, [](const RankTotals& rank) { return ratio(rank.sum.counters.cpu_s, rank.wall_s); });
  summary.least_off_core_s = spread(ranks, off_core_seconds).min;
  bool misses = true;
  std::map<std::string, int> gpu_ranks;
  for (const RankTotals& rank : ranks) {
    const CounterRecord& counters = rank.sum.counters;
    const double after_startup = rank.wall_s - rank.region("startup");
    summary.displaced += static_cast<double>(counters.displaced);
    summary.major_faults += static_cast<double>(rank.faults_of_steps);
    if (const double rate = ratio(static_cast<double>(rank.faults_of_steps), after_startup); rate > summary.faults_per_s) {
      summary.faults_per_s = rate;
      summary.faults_off_core = off_core_of(rank);
    }
    misses = misses && counters.cache_misses.has_value();
    if (counters.joules) summary.joules = summary.joules.value_or(0) + *counters.joules;
    for (const auto& [name, value] : counters.gpu) {
      summary.gpu[name] += value;
      ++gpu_ranks[name];
    }
  }
  for (auto& [name, value] : summary.gpu)
    if (name != "joules") value /= gpu_ranks[name];
  summary.memory_bandwidth = spread(ranks, [](const RankTotals& rank) { return rank.sum.peaks.memory_bytes; }).mean;
  if (misses)
    summary.cache_miss_bytes_per_s =
        spread(ranks, [](const RankTotals& rank) {
          return ratio(cache_line * *rank.sum.counters.cache_misses, rank.wall_s - rank.region("startup"));
        }).mean;
}

// What a processor did for others while a region was timed stands in that region's time, and the split of the kernels' time
// is a sample. What cannot be, or what the system itself counted, says that they do not tell where the run's own time went.
void add_doubts(const Ranks& ranks, ProfileSummary& summary) {
  constexpr double crowded = 0.05;   // of a rank's time
  const auto add = [&](const std::string& text) { summary.doubts.push_back(text); };
  for (const KernelSummary& kernel : summary.kernels)
    if (kernel.roofline.max > 1)
      add(fmt::format("the sampled time of {} would make it {:.2f} times as fast as the measured peaks allow", kernel.name,
                      kernel.roofline.max));
  if (summary.kept_off.queued >= crowded) {
    add(fmt::format("rank {} waited for a core in {:.0f} % of its time", summary.kept_off.rank,
                    100 * summary.kept_off.queued));
  } else {
    const auto worst = std::max_element(ranks.begin(), ranks.end(),
                                        [](const auto& a, const auto& b) { return off_core_of(a) < off_core_of(b); });
    if (off_core_of(*worst) >= crowded)
      add(fmt::format("rank {} did not run in {:.0f} % of the time in which it had work", worst->sum.rank,
                      100 * off_core_of(*worst)));
  }
  if (summary.accounted.min < 0.98 || summary.accounted.max > 1.02)
    add(fmt::format("the regions add up to {:.1f} .. {:.1f} % of the wall time", 100 * summary.accounted.min,
                    100 * summary.accounted.max));
}

void add_facts(const Ranks& ranks, ProfileSummary& summary) {
  const IntervalRecord& first = ranks[0].sum;
  summary.version = first.version;
  summary.device = first.device;
  summary.precision = first.precision;
  std::set<std::string> hosts;
  std::set<int> present;
  for (const RankTotals& rank : ranks) {
    const IntervalRecord& sum = rank.sum;
    summary.ranks = std::max(summary.ranks, sum.ranks);
    summary.steps = std::max(summary.steps, sum.last_step - sum.first_step);
    summary.evaluations = std::max(summary.evaluations, sum.evaluations);
    summary.points = std::min(summary.points + sum.points, std::int64_t{1} << 61);
    summary.message_bytes = std::max(summary.message_bytes, sum.message_bytes);
    summary.step_s.min = summary.step_s.min > 0 && sum.step_s.min > 0 ? std::min(summary.step_s.min, sum.step_s.min)
                                                                      : std::max(summary.step_s.min, sum.step_s.min);
    summary.step_s.max = std::max(summary.step_s.max, sum.step_s.max);
    summary.step_s.median += sum.step_s.median / static_cast<double>(ranks.size());
    hosts.insert(sum.host);
    present.insert(sum.rank);
    // A run has failed when one rank has, and has ended when all say so.
    if (sum.last == "failed" || summary.ended == "failed") summary.ended = "failed";
    else if (summary.ended.empty()) summary.ended = sum.last;
  }
  for (const RankTotals& rank : ranks)
    if (rank.sum.last.empty() && summary.ended != "failed") summary.ended.clear();
  summary.hosts = static_cast<int>(hosts.size());
  for (int rank = 0;
       rank < summary.ranks && present.size() < static_cast<std::size_t>(summary.ranks) && summary.missing.size() < 1024;
       ++rank)
    if (present.count(rank) == 0) summary.missing.push_back(rank);
}

}  // namespace

const RegionSummary* ProfileSummary::region(const std::string& name) const {
  for (const RegionSummary& entry : regions)
    if (entry.name == name) return &entry;
  return nullptr;
}

ProfileSummary summarize(const std::vector<RankTotals>& totals) {
  JETPINN_CHECK(!totals.empty(), "a summary needs a rank");
  ProfileSummary summary;
  add_facts(totals, summary);
  summary.wall_s = spread(totals, [](const RankTotals& rank) { return rank.wall_s; });
  summary.startup_s = spread(totals, [](const RankTotals& rank) { return rank.region("startup"); }).max;
  summary.accounted = spread(totals, accounted_of);
  summary.regions = region_summaries(totals);
  compare_ranks(totals, summary);
  summary.kernels = kernel_summaries(totals);
  add_utilisation(totals, summary);
  summary.memory = memory_summary(totals);
  add_counters(totals, summary);
  add_doubts(totals, summary);
  summary.bottleneck = find_bottleneck(summary);
  return summary;
}

}  // namespace jetpinn
