#include "jetpinn/profile/rank_totals.hpp"

#include "jetpinn/base/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace jetpinn {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kept_steps = 256;  // entries of RankTotals::steps

// Damaged files hold any number: a sum stays at the largest that still has room for another.
void add(std::int64_t& sum, std::int64_t value) {
  constexpr std::int64_t most = std::int64_t{1} << 61;
  sum = value > most - sum ? most : sum + value;
}

void add(std::optional<double>& sum, const std::optional<double>& value) {
  if (value) sum = sum.value_or(0) + *value;
}

void add(CounterRecord& sum, const CounterRecord& counters, double seconds_before, double seconds) {
  sum.cpu_s += counters.cpu_s;
  add(sum.displaced, counters.displaced);
  add(sum.yielded, counters.yielded);
  add(sum.major_faults, counters.major_faults);
  add(sum.queued_s, counters.queued_s);
  add(sum.instructions, counters.instructions);
  add(sum.cycles, counters.cycles);
  add(sum.cache_misses, counters.cache_misses);
  add(sum.joules, counters.joules);
  const double whole = seconds_before + seconds;
  for (const auto& [name, value] : counters.gpu) {
    double& entry = sum.gpu[name];
    if (name == "joules")
      entry += value;
    else if (whole > 0)
      entry = (entry * seconds_before + value * seconds) / whole;
  }
}

void add(MemoryRecord& most, const MemoryRecord& memory) {
  for (std::int64_t MemoryRecord::*part :
       {&MemoryRecord::pool, &MemoryRecord::pool_unused, &MemoryRecord::planned, &MemoryRecord::used, &MemoryRecord::minimum,
        &MemoryRecord::resident, &MemoryRecord::peak})
    most.*part = std::max(most.*part, memory.*part);
  if (memory.available > 0)
    most.available = most.available > 0 ? std::min(most.available, memory.available) : memory.available;
}

// Joins neighbours in length two by two: half as many entries, the same number of steps.
void halve(std::vector<RankTotals::Steps>& steps) {
  std::sort(steps.begin(), steps.end(), [](const auto& a, const auto& b) { return a.seconds < b.seconds; });
  std::vector<RankTotals::Steps> joined;
  for (std::size_t i = 0; i + 1 < steps.size(); i += 2) {
    const RankTotals::Steps &a = steps[i], &b = steps[i + 1];
    const auto of_a = static_cast<double>(a.count), of_b = static_cast<double>(b.count);
    joined.push_back({(a.seconds * of_a + b.seconds * of_b) / (of_a + of_b), a.count});
    add(joined.back().count, b.count);
  }
  if (steps.size() % 2 == 1) joined.push_back(steps.back());
  steps = std::move(joined);
}

}  // namespace

void RankTotals::accumulate(const IntervalRecord& record) {
  const std::int64_t ended = record.last_step - record.first_step;
  if (intervals == 0) {
    sum = record;
    sum.regions.clear();
    sum.kernels.clear();
    sum.counters = {};
    sum.evaluations = 0;
    sum.step_s = {};
  }
  const std::int64_t steps_before = sum.last_step - sum.first_step;
  const bool first_steps = steps_before == 0 || intervals == 0;
  if (ended > 0) {
    sum.step_s.min = first_steps ? record.step_s.min : std::min(sum.step_s.min, record.step_s.min);
    sum.step_s.max = std::max(sum.step_s.max, record.step_s.max);
    if (steps.size() >= kept_steps) halve(steps);
    steps.push_back({record.step_s.median, ended});
  }
  if (intervals > 0) {   // steps of missing records are not counted
    sum.last_step = sum.first_step + steps_before;
    add(sum.last_step, ended);
  }
  sum.interval = record.interval;
  sum.end_s = record.end_s;
  sum.last = record.last;
  sum.points = record.points;
  add(sum.evaluations, record.evaluations);
  sum.message_bytes = std::max(sum.message_bytes, record.message_bytes);
  sum.peaks = record.peaks;
  for (const auto& [name, seconds] : record.regions) sum.regions[name] += seconds;
  for (const auto& [name, kernel] : record.kernels) {
    KernelRecord& total = sum.kernels[name];
    const bool known_before = total.seconds == 0 || roofline_s.count(name) > 0;
    const double allowed = roofline_seconds(kernel.work, record.peaks);
    const bool known = kernel.seconds == 0 || allowed > 0;
    total.work.flop += kernel.work.flop;
    total.work.bytes += kernel.work.bytes;
    total.seconds += kernel.seconds;
    if (known_before && known)
      roofline_s[name] += allowed;
    else
      roofline_s.erase(name);
  }
  add(sum.memory, record.memory);
  add(sum.counters, record.counters, wall_s, record.seconds());
  if (!holds_startup(record))
    add(faults_of_steps, record.counters.major_faults);
  wall_s += record.seconds();
  ++intervals;
  sum.step_s.median = median_step_s();
}

double RankTotals::median_step_s() const {
  std::vector<Steps> sorted = steps;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.seconds < b.seconds; });
  double all = 0, passed = 0;
  for (const Steps& entry : sorted) all += static_cast<double>(entry.count);
  for (const Steps& entry : sorted) {
    passed += static_cast<double>(entry.count);
    if (2 * passed >= all) return entry.seconds;
  }
  return 0;
}

double RankTotals::region(const std::string& name) const {
  const auto entry = sum.regions.find(name);
  return entry == sum.regions.end() ? 0 : entry->second;
}

std::string to_json_text(const RankTotals& totals) {
  Json steps = Json::array();
  for (const auto& entry : totals.steps) steps.push_back({entry.seconds, entry.count});
  const Json json = {{"sum", to_json_line(totals.sum)},
                     {"wall_s", totals.wall_s},
                     {"intervals", totals.intervals},
                     {"roofline_s", totals.roofline_s},
                     {"faults_of_steps", totals.faults_of_steps},
                     {"steps", steps}};
  return json.dump();
}

RankTotals totals_from_json(const std::string& text) {
  RankTotals totals;
  try {
    const Json json = Json::parse(text);
    totals.sum = interval_from_json(json.at("sum").get<std::string>());
    json.at("wall_s").get_to(totals.wall_s);
    json.at("intervals").get_to(totals.intervals);
    json.at("roofline_s").get_to(totals.roofline_s);
    json.at("faults_of_steps").get_to(totals.faults_of_steps);
    for (const Json& entry : json.at("steps"))
      totals.steps.push_back({entry.at(0).get<double>(), entry.at(1).get<std::int64_t>()});
  } catch (const nlohmann::json::exception& error) {
    throw Error(Status::usage, std::string("these are no totals of a rank: ") + error.what());
  }
  return totals;
}

}  // namespace jetpinn
