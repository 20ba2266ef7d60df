#include "jetpinn/train/stopping.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {

std::string Stopping::reason(const Agreed& agreed, const StepReport& report, const std::vector<FieldError>& errors) {
  // First of all: a run that stops at this step and goes on later must have counted it.
  const bool stall = options_.stall_steps > 0 && stalled(report.loss);
  if (agreed.stop_requested) return "signal";
  if (agreed.time_is_up || (options_.time_s > 0 && agreed.time_s >= options_.time_s)) return "time";
  if (options_.loss > 0 && report.loss <= options_.loss) return "loss";
  if (options_.error > 0 && !errors.empty() &&
      std::all_of(errors.begin(), errors.end(), [&](const FieldError& error) { return error.rel_l2 <= options_.error; }))
    return "error";
  return stall ? "stall" : "";
}

void Stopping::objective_changed() {
  best_ = window_best_ = std::numeric_limits<double>::infinity();
  window_steps_ = 0;
}

// Compares the best loss of each window of stall_steps with the best before it. A window lasts until it has a loss: with
// batches one is known at the end of an epoch alone.
bool Stopping::stalled(double loss) {
  window_best_ = std::min(window_best_, loss);
  if (++window_steps_ < options_.stall_steps || std::isinf(window_best_)) return false;
  const bool stalled = window_best_ > options_.stall_factor * best_;
  best_ = std::min(best_, window_best_);
  window_best_ = std::numeric_limits<double>::infinity();
  window_steps_ = 0;
  return stalled;
}

}  // namespace jetpinn
