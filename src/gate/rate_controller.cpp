#include "jetpinn/gate/rate_controller.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {

RateController::RateController(double target, const ControllerOptions& options) : target_(target), options_(options) {
  integral_ = log_threshold_ = std::clamp(0.0, std::log(options.lowest), std::log(options.highest));
}

double RateController::threshold() const { return std::exp(log_threshold_); }

// A rate of nothing would be an infinite error: it counts as a millionth.
void RateController::account(double rate) {
  const double lowest = std::log(options_.lowest), highest = std::log(options_.highest);
  const double error = std::log(std::max(rate, 1e-6) / target_);
  const double moved = integral_ + options_.integral * error, wanted = moved + options_.proportional * error;
  const bool outwards = (wanted > highest && error > 0) || (wanted < lowest && error < 0);
  if (!outwards) integral_ = std::clamp(moved, lowest, highest);
  log_threshold_ = std::clamp(wanted, lowest, highest);
}

}  // namespace jetpinn
