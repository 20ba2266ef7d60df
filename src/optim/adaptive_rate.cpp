#include "jetpinn/optim/adaptive_rate.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {

double AdaptiveRate::factor(std::int64_t step, double loss, double gradient_norm) {
  if (step < options_.warmup || !(by_norm() || by_stall())) return 1;
  if (by_norm()) {
    squares_ += gradient_norm * gradient_norm;
    if (first_ == 0) first_ = squares_;
    if (first_ > 0) factor_ = std::sqrt(first_ / squares_);
  } else {
    sum_ += loss;
    if (static_cast<double>(++steps_) >= options_.every) close_window();
  }
  return factor_ = std::max(factor_, std::min(1.0, options_.end / options_.start));
}

void AdaptiveRate::close_window() {
  const double mean = sum_ / static_cast<double>(steps_);
  if (!(mean < options_.factor * lowest_)) factor_ *= options_.decay;
  lowest_ = std::min(lowest_, mean);
  sum_ = 0;
  steps_ = 0;
}

State AdaptiveRate::state() {
  if (by_norm()) return {{"first", &first_}, {"squares", &squares_}};
  if (by_stall()) return {{"factor", &factor_}, {"sum", &sum_}, {"steps", &steps_}, {"lowest", &lowest_}};
  return {};
}

}  // namespace jetpinn
