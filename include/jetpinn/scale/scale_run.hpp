// What one run of a scaling study has left: its time, where it went, its memory, or why there is none.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace jetpinn {

// The parts of a step that studies show, in their order: product, activation, tape, allreduce_wait,
// allreduce_move, optimizer, other.
const std::vector<std::string>& split_parts();

struct MeasuredRun {
  enum class State : char { missing, failed, measured };
  State state = State::missing;
  int status = 0;                          // failed: of the contract
  std::string reason;                      // failed: what the run said last
  double step_s = 0;                       // median step
  double time_to_error_s = 0;              // with --until: start-up included
  double wall_s = 0;                       // of the training, start-up included
  std::map<std::string, double> split;     // s a step by part, mean over ranks, their sum the
                                           // step's time; empty: not profiled
  double imbalance = -1;                   // max / mean - 1 of the ranks' work; < 0: not profiled
  std::vector<double> peak_mib;            // resident high-water mark of each rank
  double used_mib = 0, minimum_mib = 0;    // of the rank that has most; 0: not profiled
  std::int64_t parameters = 0;
  std::string device;
};

// `folder`: of the run; beside it may lie folder.status (what launch() came to) and folder.log. With `until_error` only a
// run that got there is measured. Never throws for what it finds: a damaged file is a failed run.
MeasuredRun read_outcome(const std::string& folder, std::int64_t steps, double until_error);

// What a folder's run is called where it is a hole: "failed: status 3", "not run".
std::string describe_hole(const MeasuredRun& outcome);

}  // namespace jetpinn
