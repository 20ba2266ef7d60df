#include "jetpinn/profile/bottleneck_rules.hpp"

#include <cstddef>
#include <utility>

namespace jetpinn::bottleneck {
namespace {

// A page from a disk takes 0.1 ms (flash) to 10 ms (heads, network); the time the process did not
// run is the bound from above.
constexpr double longest_fault_s = 0.01;
// At 10 GB/s a message of this size moves in 7 us, which is about what a network's start-up and an all-reduce's hops take.
constexpr double small_message = 65536;   // bytes
constexpr double short_reduction_s = 1e-4;   // where the size is not known
constexpr double slow_network = 1e8;      // bytes/s: with the start, what moving may take before
                                          // something else must hold it up
constexpr double few_points = 512;        // two blocks per rank: calls of kernels end before their pipelines are full
constexpr double off_core = 0.05;         // share of the working time that a healthy rank on a core of its own stays below
constexpr double same_work = 0.5;         // of the excess time: explained by more points when they exceed by this much of it

double min_of(const ProfileSummary& s, const char* region) {
  const RegionSummary* entry = s.region(region);
  return entry ? entry->seconds.min : 0;
}

// Time of the kernels beyond what the peaks allow, s; 0 where a class has no measured peak.
double lost_to_roofline(const ProfileSummary& s) {
  double lost = 0;
  for (const KernelSummary& kernel : s.kernels) {
    if (kernel.seconds.mean > 0 && kernel.roofline.mean <= 0) return 0;
    lost += kernel.seconds.mean * std::max(1 - kernel.roofline.mean, 0.0);
  }
  return lost;
}

// The slowest rank has lost its core for longer than the others have.
bool displaced_alone(const ProfileSummary& s) {
  return s.slowest.off_core >= off_core && s.slowest.off_core >= s.others.off_core + off_core;
}

// One rank waits for a core and the others do not: it may do so inside the sums, where it yields
// whenever it finds nothing to do.
bool kept_off_alone(const ProfileSummary& s) { return s.kept_off.queued >= s.others_queued + off_core; }

bool kept_off_decides(const ProfileSummary& s, const Parts& part) {
  return kept_off_alone(s) && part.stalled > part.late_rank - part.stalled;
}

// More points or operations explain at least `same_work` of the time that the slowest rank works longer.
bool has_more_to_do(const ProfileSummary& s, const Parts&) {
  const RankFacts &slow = s.slowest, &others = s.others;
  const double excess = ratio(slow.work_s, others.work_s) - 1;
  const double more_flop = ratio(slow.flop, others.flop) - 1, more_points = ratio(slow.points, others.points) - 1;
  return std::max(more_flop, more_points) >= same_work * excess;
}

struct Rule {
  BottleneckKind kind;
  Cause cause;
  bool (*holds)(const ProfileSummary& s, const Parts& part);
};

bool otherwise(const ProfileSummary&, const Parts&) { return true; }

using Kind = BottleneckKind;

// In the order in which they are asked; the last of a kind always holds.
constexpr Rule rules[] = {
    {Kind::compute, Cause::drawing_points,
     [](const ProfileSummary&, const Parts& part) {
       return part.sampling > part.product && part.sampling > part.activation && part.sampling > part.tape;
     }},
    {Kind::compute, Cause::product_time,
     [](const ProfileSummary&, const Parts& part) {
       return part.product >= part.activation && part.product >= part.tape;
     }},
    {Kind::compute, Cause::activation_time,
     [](const ProfileSummary&, const Parts& part) { return part.activation >= part.tape; }},
    {Kind::compute, Cause::tape_time, otherwise},
    {Kind::bandwidth, Cause::optimizer_vectors,
     [](const ProfileSummary& s, const Parts& part) { return part.optimizer >= moved_most(s, part).share; }},
    {Kind::bandwidth, Cause::main_memory, [](const ProfileSummary& s, const Parts&) { return reads_main_memory(s); }},
    {Kind::bandwidth, Cause::moving_operands, otherwise},
    {Kind::latency, Cause::small_messages,
     [](const ProfileSummary& s, const Parts& part) {
       return latency_of(s, part).largest() == latency_of(s, part).messages;
     }},
    {Kind::latency, Cause::late_in_turn,
     [](const ProfileSummary& s, const Parts& part) {
       return latency_of(s, part).largest() == latency_of(s, part).late_in_turn;
     }},
    {Kind::latency, Cause::short_calls,
     [](const ProfileSummary& s, const Parts& part) {
       return latency_of(s, part).largest() == latency_of(s, part).short_calls;
     }},
    {Kind::latency, Cause::around_kernels, otherwise},
    {Kind::communication, Cause::moving_gradient, otherwise},
    {Kind::input_output, Cause::checkpoints,
     [](const ProfileSummary& s, const Parts&) { return max_of(s, "checkpoint") >= max_of(s, "io"); }},
    {Kind::input_output, Cause::other_files, otherwise},
    {Kind::imbalance, Cause::kept_off_core, kept_off_decides},
    {Kind::imbalance, Cause::displaced, [](const ProfileSummary& s, const Parts&) { return displaced_alone(s); }},
    {Kind::imbalance, Cause::more_work, has_more_to_do},
    {Kind::imbalance, Cause::slower_rate,
     [](const ProfileSummary& s, const Parts&) { return s.slowest.flop > 0 && s.others.flop > 0; }},
    {Kind::imbalance, Cause::slower, otherwise},
    {Kind::memory, Cause::nearly_full, [](const ProfileSummary& s, const Parts&) { return s.memory.least_left < full; }},
    {Kind::memory, Cause::page_faults, otherwise},
    {Kind::evaluation, Cause::evaluation, otherwise},
    {Kind::crowding, Cause::busy_cores, otherwise},
};

}  // namespace

double ratio(double a, double b) { return b > 0 ? a / b : 0; }

double mean_of(const ProfileSummary& s, const char* region) {
  const RegionSummary* entry = s.region(region);
  return entry ? entry->seconds.mean : 0;
}
double max_of(const ProfileSummary& s, const char* region) {
  const RegionSummary* entry = s.region(region);
  return entry ? entry->seconds.max : 0;
}

double points_per_rank(const ProfileSummary& s) {
  const auto reported = static_cast<double>(s.ranks) - static_cast<double>(s.missing.size());
  return ratio(static_cast<double>(s.points), std::max(reported, 1.0));
}

Parts parts_of(const ProfileSummary& s) {
  Parts part;
  part.time = std::max(s.wall_s.mean - s.startup_s, 0.0);
  const auto share = [&](double seconds) { return std::clamp(ratio(seconds, part.time), 0.0, 1.0); };
  part.product = share(mean_of(s, "product"));
  part.activation = share(mean_of(s, "activation"));
  part.tape = share(mean_of(s, "tape"));
  part.optimizer = share(mean_of(s, "optimizer"));
  part.sampling = share(mean_of(s, "sampling"));
  part.move = share(mean_of(s, "allreduce_move"));
  // One rank writes or compares, the others wait for it, in a collective or in the next all-reduce.
  part.files = share(max_of(s, "checkpoint") + max_of(s, "io"));
  part.evaluation = share(max_of(s, "evaluation"));
  const double waited = mean_of(s, "allreduce_wait"), excess = s.work_s.max - s.work_s.mean;
  part.late_rank = share(std::min(waited, excess));
  // What is left of the waiting: not for work of one rank, not for its files. The ranks are late in turn.
  const double explained = excess + max_of(s, "checkpoint") + max_of(s, "io") + max_of(s, "evaluation");
  part.late_in_turn = share(waited - explained);
  // The last rank to come to a collective does not wait: what even that one waits is the collective itself.
  part.overhead = share(mean_of(s, "other") + min_of(s, "idle"));
  if (points_per_rank(s) < few_points) part.short_calls = share(lost_to_roofline(s));
  part.faults = std::min(s.faults_off_core, s.faults_per_s * longest_fault_s);
  part.crowding = std::max(share(s.least_off_core_s) - part.faults, 0.0);
  // Moving needs all ranks on their cores: one that is off holds up every sum, and which of them it was no duration tells.
  const double plausible =
      static_cast<double>(s.evaluations) * (short_reduction_s + static_cast<double>(s.message_bytes) / slow_network);
  double stalled = std::min(share(mean_of(s, "allreduce_move") - plausible), part.move);
  const bool only_queued = kept_off_alone(s) && !displaced_alone(s);
  if (only_queued) stalled = std::min(stalled, s.kept_off.queued);
  if (double* cause = displaced_alone(s) || only_queued ? &part.late_rank
                      : part.crowding >= worth_naming   ? &part.crowding
                                                        : nullptr) {
    *cause += stalled;
    part.move -= stalled;
    part.stalled = stalled;
  }
  return part;
}

bool sends_small_messages(const ProfileSummary& s) {
  if (s.message_bytes > 0) return static_cast<double>(s.message_bytes) <= small_message;
  return ratio(mean_of(s, "allreduce_move"), static_cast<double>(s.evaluations)) < short_reduction_s;
}

bool bound_by_bytes(const KernelSummary& kernel) { return kernel.bytes_s > kernel.flop_s; }

const KernelSummary* kernel_of(const ProfileSummary& s, const std::string& name) {
  for (const KernelSummary& kernel : s.kernels)
    if (kernel.name == name) return &kernel;
  return nullptr;
}

bool reads_main_memory(const ProfileSummary& s) {
  return s.memory_bandwidth > 0 && s.cache_miss_bytes_per_s > 0.6 * s.memory_bandwidth;
}

MovedMost moved_most(const ProfileSummary& s, const Parts& part) {
  MovedMost moved;
  for (const auto& [name, share] :
       {std::pair{"product", part.product}, {"activation", part.activation}, {"tape", part.tape}}) {
    const KernelSummary* kernel = kernel_of(s, name);
    if (!kernel || !(bound_by_bytes(*kernel) || s.cache_miss_bytes_per_s > 0)) continue;
    if (share > moved.share) moved = {name, share};
  }
  return moved;
}

LatencyParts latency_of(const ProfileSummary& s, const Parts& part) {
  // Ranks that lose their cores in turn are late in turn: that is crowding's.
  return {sends_small_messages(s) ? part.move : 0, part.crowding >= worth_naming ? 0 : part.late_in_turn, part.overhead,
          part.short_calls};
}

Cause cause_of(BottleneckKind kind, const ProfileSummary& summary, const Parts& part) {
  for (const Rule& rule : rules)
    if (rule.kind == kind && rule.holds(summary, part)) return rule.cause;
  return Cause::count;
}

}  // namespace jetpinn::bottleneck
