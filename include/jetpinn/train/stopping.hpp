// When a run ends before its steps do.
#pragma once

#include "jetpinn/base/state.hpp"
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
  explicit Stopping(const StopOptions& options) : options_(options) {}

  // Called once per step. Empty: go on; else signal | time | loss | error | stall. errors: of the
  // last evaluation, may be empty.
  std::string reason(const Agreed& agreed, const StepReport& report, const std::vector<FieldError>& errors);

  void objective_changed();  // losses of before say nothing of whether the run stalls

  State state() { return {{"best", &best_}, {"window_best", &window_best_}, {"window_steps", &window_steps_}}; }

 private:
  bool stalled(double loss);

  StopOptions options_;
  double best_ = std::numeric_limits<double>::infinity();         // lowest loss of all steps before the current window
  double window_best_ = std::numeric_limits<double>::infinity();
  std::int64_t window_steps_ = 0;
};

}  // namespace jetpinn
