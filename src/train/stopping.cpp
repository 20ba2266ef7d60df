#include "jetpinn/train/stopping.hpp"

#include <algorithm>

namespace jetpinn {

Stopping::Stopping(const StopOptions& options, double max_time_s) : options_(options) {
  const double none = std::numeric_limits<double>::infinity();
  time_limit_s_ = std::min(options.time_s > 0 ? options.time_s : none, max_time_s > 0 ? max_time_s : none);
}

std::string Stopping::reason(const Agreed& agreed, const StepReport& report, const std::vector<FieldError>& errors) {
  if (agreed.stop_requested) return "signal";
  if (agreed.time_s >= time_limit_s_) return "time";
  if (options_.loss > 0 && report.loss <= options_.loss) return "loss";
  if (options_.error > 0 && !errors.empty() &&
      std::all_of(errors.begin(), errors.end(), [&](const FieldError& error) { return error.rel_l2 <= options_.error; }))
    return "error";
  if (options_.stall_steps > 0 && stalled(report.loss)) return "stall";
  return "";
}

// Compares the best loss of each window of stall_steps with the best before it.
bool Stopping::stalled(double loss) {
  window_best_ = std::min(window_best_, loss);
  if (++window_steps_ < options_.stall_steps) return false;
  const bool stalled = window_best_ > options_.stall_factor * best_;
  best_ = std::min(best_, window_best_);
  window_best_ = std::numeric_limits<double>::infinity();
  window_steps_ = 0;
  return stalled;
}

}  // namespace jetpinn
