// Learning rates that follow what a training meets: a factor on the rate of schedule.hpp, 1 where the schedule is a function
// of the step alone.
//
// gradient_norm: the rate of the n-th step is start * |g_0| / sqrt(sum_{j=0}^{n} |g_j|^2), where g_j is the gradient of step
// j (AdaGrad-Norm: Ward, Wu and Bottou, arXiv:1806.01811, with b_0 = |g_0| in front of the sum of later steps). stall: the
// mean loss of each window of `every` steps is compared with the lowest of the windows before it. Where it is not below
// `factor` times that, the rate is multiplied by `decay`. Neither goes below `end`. Counting begins behind the warm-up.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/optim/schedule.hpp"

#include <cstdint>
#include <limits>

namespace jetpinn {

class AdaptiveRate {
 public:
  explicit AdaptiveRate(const ScheduleOptions& options) : options_(options) {}

  // Once for each step whose loss and gradient are finite: the factor on its rate. step: 0-based, in the stage.
  double factor(std::int64_t step, double loss, double gradient_norm);

  State state();  // nothing where the schedule is a function of the step

 private:
  bool by_norm() const { return options_.kind == "gradient_norm"; }
  bool by_stall() const { return options_.kind == "stall"; }
  void close_window();

  ScheduleOptions options_;
  double factor_ = 1;
  double first_ = 0, squares_ = 0;                                     // gradient_norm: |g_0|^2, and the sum of all
  double sum_ = 0, lowest_ = std::numeric_limits<double>::infinity();  // stall: of the window's losses; of means before
  std::int64_t steps_ = 0;                                             // stall: of the window
};

}  // namespace jetpinn
