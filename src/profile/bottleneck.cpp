#include "jetpinn/profile/bottleneck.hpp"

#include "jetpinn/profile/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

// Shares are of the time after the start-up, T = wall time - start-up. What the kernels take is the run's purpose; it is the
// bottleneck unless something that could be avoided takes more than `worth_naming`.
namespace jetpinn {
namespace {

constexpr double worth_naming = 0.10;     // less is not worth a user's afternoon, and busy machines scatter by as much
constexpr double startup_share = 0.5;     // of the wall time: then the steps do not decide how long the run takes
constexpr double close_by = 0.8;          // of the largest share: named too
constexpr double full = 0.05;             // of a machine's memory left: one more file in the
                                          // cache, and the system kills or swaps
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

// Shares of T, from which the kinds' shares are made.
struct Parts {
  double time = 0;            // s
  double product = 0, activation = 0, tape = 0, optimizer = 0, sampling = 0;
  double move = 0, late_rank = 0, late_in_turn = 0, files = 0, evaluation = 0;
  double overhead = 0;        // around the kernels: everything that has no region of its own, and
                              // collectives in which all wait
  double short_calls = 0;     // what kernels lose against the roofline, where few points may explain it
  double faults = 0, crowding = 0;
  double stalled = 0;         // of late_rank or crowding: sums held up
};

double percent(double share) { return 100 * share; }
double ratio(double a, double b) { return b > 0 ? a / b : 0; }

double mean_of(const ProfileSummary& s, const char* region) {
  const RegionSummary* entry = s.region(region);
  return entry ? entry->seconds.mean : 0;
}
double max_of(const ProfileSummary& s, const char* region) {
  const RegionSummary* entry = s.region(region);
  return entry ? entry->seconds.max : 0;
}
double min_of(const ProfileSummary& s, const char* region) {
  const RegionSummary* entry = s.region(region);
  return entry ? entry->seconds.min : 0;
}

double points_per_rank(const ProfileSummary& s) {
  const auto reported = static_cast<double>(s.ranks) - static_cast<double>(s.missing.size());
  return ratio(static_cast<double>(s.points), std::max(reported, 1.0));
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

bool small_messages(const ProfileSummary& s) {
  if (s.message_bytes > 0) return static_cast<double>(s.message_bytes) <= small_message;
  return ratio(mean_of(s, "allreduce_move"), static_cast<double>(s.evaluations)) < short_reduction_s;
}

bool bound_by_bytes(const KernelSummary& kernel) { return kernel.bytes_s > kernel.flop_s; }

const KernelSummary* kernel_of(const ProfileSummary& s, const std::string& name) {
  for (const KernelSummary& kernel : s.kernels)
    if (kernel.name == name) return &kernel;
  return nullptr;
}

using Shares = std::array<double, static_cast<int>(BottleneckKind::count)>;

Shares shares_of(const ProfileSummary& s, const Parts& part) {
  Shares shares{};
  const auto of = [&](BottleneckKind kind) -> double& { return shares[static_cast<std::size_t>(kind)]; };
  for (const auto& [name, share] :
       {std::pair{"product", part.product}, {"activation", part.activation}, {"tape", part.tape}}) {
    const KernelSummary* kernel = kernel_of(s, name);
    of(kernel && bound_by_bytes(*kernel) ? BottleneckKind::bandwidth : BottleneckKind::compute) += share;
  }
  // Misses of the last cache say that operands come from main memory, whatever the plan counted.
  if (s.memory_bandwidth > 0 && s.cache_miss_bytes_per_s > 0.6 * s.memory_bandwidth) {
    of(BottleneckKind::bandwidth) += of(BottleneckKind::compute);
    of(BottleneckKind::compute) = 0;
  }
  of(BottleneckKind::compute) += part.sampling;
  of(BottleneckKind::bandwidth) += part.optimizer;   // vectors as long as the parameters, read once per operation
  of(BottleneckKind::imbalance) = part.late_rank;
  of(BottleneckKind::input_output) = part.files;
  of(BottleneckKind::evaluation) = part.evaluation;
  of(BottleneckKind::memory) = part.faults;
  of(BottleneckKind::crowding) = part.crowding;
  of(BottleneckKind::latency) = part.overhead + part.short_calls;
  // Ranks that lose their cores in turn are late in turn.
  of(part.crowding >= worth_naming ? BottleneckKind::crowding : BottleneckKind::latency) += part.late_in_turn;
  of(small_messages(s) ? BottleneckKind::latency : BottleneckKind::communication) += part.move;
  of(BottleneckKind::startup) = std::clamp(ratio(s.startup_s, s.wall_s.mean), 0.0, 1.0);   // of the wall time
  for (double& share : shares) share = std::min(share, 1.0);
  return shares;
}

constexpr BottleneckKind avoidable[] = {
    BottleneckKind::imbalance, BottleneckKind::communication, BottleneckKind::latency, BottleneckKind::input_output,
    BottleneckKind::memory,    BottleneckKind::evaluation,    BottleneckKind::crowding};

// The kind that bounds the steps: the largest avoidable share, or the kernels where none is worth naming.
BottleneckKind kind_of_steps(const ProfileSummary& s, const Shares& shares) {
  const auto of = [&](BottleneckKind kind) { return shares[static_cast<std::size_t>(kind)]; };
  if (s.memory.least_left < full) return BottleneckKind::memory;   // the run is about to be killed: nothing else matters
  BottleneckKind largest = avoidable[0];
  for (BottleneckKind kind : avoidable)
    if (of(kind) > of(largest)) largest = kind;
  if (of(largest) >= worth_naming) return largest;
  return of(BottleneckKind::bandwidth) > of(BottleneckKind::compute) ? BottleneckKind::bandwidth : BottleneckKind::compute;
}

std::string roofline_text(const ProfileSummary& s, const char* name) {
  const KernelSummary* kernel = kernel_of(s, name);
  if (!kernel || kernel->roofline.mean <= 0) return "";
  return fmt::format(" at {:.0f} % of what the processor allows", percent(kernel->roofline.mean));
}

std::string compute_text(const ProfileSummary& s, const Parts& part) {
  if (part.sampling > part.product && part.sampling > part.activation && part.sampling > part.tape)
    return fmt::format("drawing points takes {:.0f} % of the time; raise sampling.resample_every", percent(part.sampling));
  const char* name = part.product >= part.activation && part.product >= part.tape ? "product"
                     : part.activation >= part.tape                               ? "activation"
                                                                                  : "tape";
  const char* words = name[0] == 'p'   ? "matrix products take"
                      : name[0] == 'a' ? "activation jets take"
                                       : "the residual tape takes";
  const double share = std::max({part.product, part.activation, part.tape});
  const std::string advice = s.precision == "fp64" && s.device == "cpu"
                                 ? "more ranks, training.precision = \"fp32\" for the first stages, or fewer points"
                                 : "more ranks, a narrower network, or fewer points";
  return fmt::format("{} {:.0f} % of the time{}; this is what a run is for: {}", words, percent(share),
                     roofline_text(s, name), advice);
}

std::string bandwidth_text(const ProfileSummary& s, const Parts& part) {
  double moved = 0;
  const char* largest = "product";
  for (const auto& [name, share] :
       {std::pair{"product", part.product}, {"activation", part.activation}, {"tape", part.tape}}) {
    const KernelSummary* kernel = kernel_of(s, name);
    if (!kernel || !(bound_by_bytes(*kernel) || s.cache_miss_bytes_per_s > 0)) continue;
    if (share > moved) largest = name;
    moved = std::max(moved, share);
  }
  if (part.optimizer >= moved)
    return fmt::format(
        "the optimiser streams its vectors for {:.0f} % of the time; more points per step, a smaller history of L-BFGS "
        "(training.stages.N.history), or a smaller network",
        percent(part.optimizer));
  if (s.cache_miss_bytes_per_s > 0.6 * s.memory_bandwidth && s.memory_bandwidth > 0)
    return fmt::format(
        "operands come from main memory at {:.1f} GB/s, {:.0f} % of its measured rate; fewer ranks per machine, a narrower "
        "network, or training.precision = \"fp32\"",
        1e-9 * s.cache_miss_bytes_per_s, percent(s.cache_miss_bytes_per_s / s.memory_bandwidth));
  const KernelSummary* kernel = kernel_of(s, largest);
  return fmt::format(
      "the {} class takes {:.0f} % of the time and is held up by moving its operands ({:.1f} GB/s{}); wider layers do more "
      "work per byte, training.precision = \"fp32\" halves the bytes",
      largest, percent(moved), kernel ? 1e-9 * kernel->bytes.mean : 0.0, roofline_text(s, largest));
}

std::string why_late(const ProfileSummary& s) {
  const RankFacts &slow = s.slowest, &others = s.others;
  if (displaced_alone(s))
    return fmt::format(
        "it had work but no core for {:.0f} % of its time ({:.0f} involuntary switches per s; the others {:.0f} %, {:.0f} "
        "per s), so another process "
        "runs on its core: stop that process or bind the ranks to free cores (mpirun --bind-to core, srun --exclusive)",
        percent(slow.off_core), slow.displaced_per_s, percent(others.off_core), others.displaced_per_s);
  const double excess = ratio(slow.work_s, others.work_s) - 1;
  const double more_flop = ratio(slow.flop, others.flop) - 1, more_points = ratio(slow.points, others.points) - 1;
  if (std::max(more_flop, more_points) >= same_work * excess)
    return fmt::format(
        "it has more to do ({:.0f} points, the others {:.0f}): raise sampling.points, so that blocks of 256 can be dealt "
        "evenly, or use fewer ranks",
        slow.points, others.points);
  if (slow.flop > 0 && others.flop > 0)
    return fmt::format(
        "it does the same work at {:.1f} GFLOP/s, the others at {:.1f}: look for a slower, hotter or throttled core on {}, "
        "or leave that machine out",
        1e-9 * ratio(slow.flop, slow.work_s), 1e-9 * ratio(others.flop, others.work_s), slow.host);
  return fmt::format("look for a slower, hotter or throttled core on {}, or leave that machine out", slow.host);
}

std::string imbalance_text(const ProfileSummary& s, const Parts& part) {
  if (kept_off_alone(s) && part.stalled > part.late_rank - part.stalled)
    return fmt::format(
        "rank {} on {} is kept off its core while all wait for it ({:.0f} % of the time, mostly inside sums): it could have "
        "run and waited for a core {:.0f} % of its time (the others {:.0f} %), so another process runs there: stop that "
        "process or bind the ranks to free cores (mpirun --bind-to core, srun --exclusive)",
        s.kept_off.rank, s.kept_off.host, percent(part.late_rank), percent(s.kept_off.queued), percent(s.others_queued));
  return fmt::format(
      "rank {} on {} works {:.2f} times as long as the others, and all wait for it ({:.0f} % of the time, mean over "
      "ranks{}); {}",
      s.slowest.rank, s.slowest.host, ratio(s.slowest.work_s, s.others.work_s), percent(part.late_rank),
      part.stalled >= 0.01 ? ", sums that it holds up included" : "", why_late(s));
}

std::string message_text(const ProfileSummary& s) {
  const double each = ratio(mean_of(s, "allreduce_move"), static_cast<double>(s.evaluations));
  std::string text = fmt::format("{:.0f} us for each all-reduce", 1e6 * each);
  if (s.message_bytes > 0)
    text += fmt::format(" of {:.1f} KiB, {:.3g} MB/s", static_cast<double>(s.message_bytes) / 1024,
                        1e-6 * ratio(static_cast<double>(s.message_bytes), each));
  return text;
}

std::string communication_text(const ProfileSummary& s, const Parts& part) {
  return fmt::format(
      "moving the gradient between ranks takes {:.0f} % of the time ({}); try another run.gradient_sync, more points per "
      "rank, or fewer ranks",
      percent(part.move), message_text(s));
}

// The sentence is about the largest part of it.
std::string latency_text(const ProfileSummary& s, const Parts& part) {
  const double late_in_turn = part.crowding >= worth_naming ? 0 : part.late_in_turn;
  const double messages = small_messages(s) ? part.move : 0,
               largest = std::max({messages, late_in_turn, part.overhead, part.short_calls});
  if (largest == messages)
    return fmt::format(
        "small messages take {:.0f} % of the time ({}), which is the time to start them and not to move them; more points "
        "per rank, or fewer ranks",
        percent(messages), message_text(s));
  if (largest == late_in_turn)
    return fmt::format(
        "the ranks are late in turn and wait for each other {:.0f} % of the time, none more than the others; steps of "
        "{:.3g} ms are too short to even out what disturbs them: more points per rank, or fewer ranks",
        percent(late_in_turn), 1e3 * s.step_s.median);
  if (largest == part.short_calls)
    return fmt::format(
        "calls are too short: {:.0f} points per rank leave the kernels at {:.0f} % of what the processor allows; more "
        "points per step, or fewer ranks",
        points_per_rank(s), percent(ratio(s.utilisation_of_steps, part.product + part.activation + part.tape)));
  return fmt::format(
      "what surrounds the kernels takes {:.0f} % of the time in steps of {:.3g} ms; more points per step, or fewer ranks",
      percent(part.overhead), 1e3 * s.step_s.median);
}

std::string files_text(const ProfileSummary& s, const Parts& part) {
  const double checkpoints = max_of(s, "checkpoint"), files = max_of(s, "io");
  return fmt::format(
      "writing files takes {:.0f} % of the time (checkpoints {:.1f} s, other files {:.1f} s); {}", percent(part.files),
      checkpoints, files,
      checkpoints >= files
          ? "checkpoint less often (output.checkpoint.every), or put the run folder on a faster disk (--output)"
          : "log less often (output.log_every), or put the run folder on a faster disk (--output)");
}

std::string memory_text(const ProfileSummary& s, const Parts& part) {
  constexpr double gib = 1073741824.0;
  if (s.memory.least_left < full)
    return fmt::format(
        "{} had only {:.1f} % of its memory left (ranks hold up to {:.2f} GiB each), and the system kills what asks for "
        "more; fewer ranks per machine, fewer points, or a smaller history of L-BFGS",
        s.memory.least_left_host, percent(s.memory.least_left), s.memory.resident.max / gib);
  return fmt::format(
      "pages come back from the disk, {:.0f} per s on one rank, which costs up to {:.0f} % of the time; fewer ranks per "
      "machine, fewer points, or end what else takes memory there",
      s.faults_per_s, percent(part.faults));
}

std::string evaluation_text(const ProfileSummary&, const Parts& part) {
  return fmt::format(
      "comparing with the reference takes {:.0f} % of the time; raise output.evaluate_every, or use a reference with fewer "
      "points",
      percent(part.evaluation));
}

std::string crowding_text(const ProfileSummary& s, const Parts& part) {
  const std::string who = s.ranks == 1 ? "the process" : fmt::format("even the least disturbed of {} ranks", s.ranks);
  return fmt::format(
      "{} had work but no core{} for {:.0f} % of the time ({:.0f} involuntary switches in all): start no more ranks than "
      "there are free cores (jobs/local -n), and end what else runs there",
      who, part.stalled >= 0.01 ? ", or sums that stalled for it," : "", percent(part.crowding), s.displaced);
}

std::string text_of(BottleneckKind kind, const ProfileSummary& s, const Parts& part) {
  switch (kind) {
    case BottleneckKind::compute: return compute_text(s, part);
    case BottleneckKind::bandwidth: return bandwidth_text(s, part);
    case BottleneckKind::latency: return latency_text(s, part);
    case BottleneckKind::communication: return communication_text(s, part);
    case BottleneckKind::input_output: return files_text(s, part);
    case BottleneckKind::imbalance: return imbalance_text(s, part);
    case BottleneckKind::memory: return memory_text(s, part);
    case BottleneckKind::evaluation: return evaluation_text(s, part);
    case BottleneckKind::crowding: return crowding_text(s, part);
    case BottleneckKind::startup:
    case BottleneckKind::count: break;
  }
  return "";
}

// What is nearly as large is named too, so that nobody is surprised when curing the first helps little.
std::string close_behind(BottleneckKind first, const Shares& shares) {
  std::string text;
  const double least = std::max(worth_naming, close_by * shares[static_cast<std::size_t>(first)]);
  for (BottleneckKind kind : avoidable)
    if (kind != first && shares[static_cast<std::size_t>(kind)] >= least)
      text += fmt::format("{}{} ({:.0f} %)", text.empty() ? "" : ", ", to_string(kind),
                          percent(shares[static_cast<std::size_t>(kind)]));
  return text;
}

}  // namespace

const char* to_string(BottleneckKind kind) {
  constexpr const char* names[] = {"compute-bound", "bandwidth-bound", "latency-bound", "communication-bound",
                                   "I/O-bound",     "imbalance",       "memory",        "start-up",
                                   "evaluation",    "crowded cores"};
  return kind < BottleneckKind::count ? names[static_cast<int>(kind)] : "";
}

Bottleneck find_bottleneck(const ProfileSummary& summary) {
  const Parts part = parts_of(summary);
  Bottleneck found;
  found.shares = shares_of(summary, part);
  const BottleneckKind steps = kind_of_steps(summary, found.shares);
  const std::string of_steps = fmt::format("{}: {}", to_string(steps), text_of(steps, summary, part));
  const bool memory_first = steps == BottleneckKind::memory && summary.memory.least_left < full;
  if (summary.steps > 0 && (memory_first || found.share(BottleneckKind::startup) < startup_share)) {
    found.kind = steps;
    found.sentence = of_steps;
    const bool kernels = steps == BottleneckKind::compute || steps == BottleneckKind::bandwidth;
    if (const std::string next = kernels ? "" : close_behind(steps, found.shares); !next.empty())
      found.sentence += "; close behind: " + next;
  } else {
    found.kind = BottleneckKind::startup;
    found.sentence =
        fmt::format("start-up: {:.1f} s of {:.1f} s passed before the first step", summary.startup_s, summary.wall_s.mean);
    found.sentence += summary.steps > 0
                          ? "; more steps per run, or several runs in one; the steps themselves are " + of_steps
                          : "; there is nothing to say about steps: give the run more time or steps";
  }
  return found;
}

}  // namespace jetpinn
