// The rules behind find_bottleneck: what the time went into, and which cause of a kind is named.
// bottleneck_text.hpp has the words.
#pragma once

#include "jetpinn/profile/bottleneck.hpp"
#include "jetpinn/profile/summary.hpp"

#include <algorithm>
#include <string>

namespace jetpinn::bottleneck {

constexpr double worth_naming = 0.10;   // less is not worth a user's afternoon, and busy machines scatter by as much
constexpr double full = 0.05;           // of a machine's memory left: one more file in the
                                        // cache, and the system kills or swaps

// Shares of the time after the start-up, T = wall time - start-up, from which the kinds' shares are made.
struct Parts {
  double time = 0;            // T, s
  double product = 0, activation = 0, tape = 0, optimizer = 0, sampling = 0;
  double move = 0, late_rank = 0, late_in_turn = 0, files = 0, evaluation = 0;
  double overhead = 0;        // around the kernels: everything that has no region of its own, and
                              // collectives in which all wait
  double short_calls = 0;     // what kernels lose against the roofline, where few points may explain it
  double faults = 0, crowding = 0;
  double stalled = 0;         // of late_rank or crowding: sums held up
};
Parts parts_of(const ProfileSummary& summary);

// What a sentence is about; a kind has one or several.
enum class Cause : int {
  drawing_points,      // compute
  product_time,
  activation_time,
  tape_time,
  optimizer_vectors,   // bandwidth
  main_memory,
  moving_operands,
  small_messages,      // latency
  late_in_turn,
  short_calls,
  around_kernels,
  moving_gradient,     // communication
  checkpoints,         // input_output
  other_files,
  kept_off_core,       // imbalance: these are of one rank
  displaced,
  more_work,
  slower_rate,
  slower,
  nearly_full,         // memory
  page_faults,
  evaluation,          // evaluation
  busy_cores,          // crowding
  count,               // of no kind: start-up has no cause
};

// The first cause of the kind whose rule holds.
Cause cause_of(BottleneckKind kind, const ProfileSummary& summary, const Parts& part);

// Figures that rules and words share.
double ratio(double a, double b);   // 0 unless b > 0
double mean_of(const ProfileSummary& summary, const char* region);   // s; 0 where there is no such region
double max_of(const ProfileSummary& summary, const char* region);
double points_per_rank(const ProfileSummary& summary);
const KernelSummary* kernel_of(const ProfileSummary& summary, const std::string& name);   // nullptr: there is none
bool bound_by_bytes(const KernelSummary& kernel);
bool reads_main_memory(const ProfileSummary& summary);   // misses of the last cache say so, whatever the plan counted
bool sends_small_messages(const ProfileSummary& summary);

// Of the kernel classes that moving operands may hold up, the one that takes the most.
struct MovedMost {
  const char* kernel = "product";
  double share = 0;
};
MovedMost moved_most(const ProfileSummary& summary, const Parts& part);

// What a latency is made of.
struct LatencyParts {
  double messages = 0, late_in_turn = 0, overhead = 0, short_calls = 0;
  double largest() const { return std::max({messages, late_in_turn, overhead, short_calls}); }
};
LatencyParts latency_of(const ProfileSummary& summary, const Parts& part);

}  // namespace jetpinn::bottleneck
