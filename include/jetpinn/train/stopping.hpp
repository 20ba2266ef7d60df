// When a run ends before its steps do.
#pragma once

#include "jetpinn/infer/evaluate.hpp"
#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/train/objective.hpp"
#include "jetpinn/train/options.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace jetpinn {

// Decides from numbers that are equal on all ranks, so that all ranks decide alike.
class Stopping {
 public:
  Stopping(const StopOptions& options, double max_time_s);

  // Called once per step. Empty: go on; else signal | time | loss | error | stall. errors: of the last evaluation, may be empty.
  std::string reason(const Agreed& agreed, const StepReport& report, const std::vector<FieldError>& errors);

 private:
  bool stalled(double loss);

  StopOptions options_;
  double time_limit_s_;
  double best_ = std::numeric_limits<double>::infinity();         // lowest loss of all steps before the current window
  double window_best_ = std::numeric_limits<double>::infinity();
  std::int64_t window_steps_ = 0;
};

}  // namespace jetpinn
