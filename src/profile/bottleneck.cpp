#include "jetpinn/profile/bottleneck.hpp"

#include "jetpinn/profile/bottleneck_rules.hpp"
#include "jetpinn/profile/bottleneck_text.hpp"
#include "jetpinn/profile/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

// Shares are of the time after the start-up, T = wall time - start-up. What the kernels take is the run's purpose; it is the
// bottleneck unless something that could be avoided takes more than `worth_naming`.
namespace jetpinn {
namespace {

using namespace bottleneck;

constexpr double startup_share = 0.5;     // of the wall time: then the steps do not decide how long the run takes
constexpr double close_by = 0.8;          // of the largest share: named too

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
  if (reads_main_memory(s)) {
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
  of(sends_small_messages(s) ? BottleneckKind::latency : BottleneckKind::communication) += part.move;
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
  const Cause cause = cause_of(steps, summary, part);
  const std::string of_steps = fmt::format("{}: {}", to_string(steps), text_of(cause, summary, part));
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
