#include "jetpinn/optim/adam.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/optim/flat_vector.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {

Adam::Adam(const OptimizerOptions& options, std::int64_t size, std::int64_t stage_steps)
    : options_(options), stage_steps_(stage_steps), gradient_(static_cast<std::size_t>(size)), first_(gradient_),
      second_(gradient_) {}

// m <- b1 m + (1 - b1) g,  v <- b2 v + (1 - b2) g^2,  x <- x - a m^ / (sqrt(v^) + eps)
// One pass, 4 reads and 3 writes per parameter.
StepReport Adam::step(Objective& objective, double* parameters) {
  const Objective::Value value = objective.evaluate(parameters, gradient_.data());
  ScopedRegion region(Region::optimizer);
  StepReport report;
  report.loss = value.loss;
  report.evaluations = 1;
  report.learning_rate = rate_factor_ * learning_rate(options_.learning_rate, schedule_step_, stage_steps_);
  ++schedule_step_;

  report.gradient_norm = norm(gradient_.data(), size());
  if (!value.finite || !std::isfinite(report.gradient_norm)) {
    report.skipped = true;
    return report;
  }
  // Without a past the moments are zero too.
  if (report.gradient_norm == 0 && largest_magnitude(gradient_.data(), size()) == 0 &&
      largest_magnitude(first_.data(), size()) == 0) {
    report.finished = zero_gradient(report.loss);
    report.reason = "gradient is zero";
    return report;
  }
  const double clip = options_.clip > 0 && report.gradient_norm > options_.clip ? options_.clip / report.gradient_norm : 1;
  const double b1 = options_.beta1, b2 = options_.beta2, steps = static_cast<double>(++step_);
  const double rate = report.learning_rate / (1 - std::pow(b1, steps));
  const double second_correction = 1 / (1 - std::pow(b2, steps));
  for (std::size_t i = 0; i < gradient_.size(); ++i) {
    const double g = clip * gradient_[i];
    first_[i] = b1 * first_[i] + (1 - b1) * g;
    second_[i] = b2 * second_[i] + (1 - b2) * g * g;
    parameters[i] -= rate * first_[i] / (std::sqrt(second_[i] * second_correction) + options_.epsilon);
  }
  return report;
}

void Adam::restart(double rate_factor) {
  step_ = 0;
  std::fill(first_.begin(), first_.end(), 0.0);
  std::fill(second_.begin(), second_.end(), 0.0);
  rate_factor_ *= rate_factor;
}

// The gradient is not among them: every step begins by asking for it.
State Adam::state() {
  return {{"step", &step_},
          {"schedule_step", &schedule_step_},
          {"rate_factor", &rate_factor_},
          {"first_moment", RealSlice{first_.data(), size()}},
          {"second_moment", RealSlice{second_.data(), size()}}};
}

}  // namespace jetpinn
