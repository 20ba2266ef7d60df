#include "jetpinn/optim/descent.hpp"

#include <cmath>
#include <cstdio>

namespace jetpinn {
namespace {

std::string scientific(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6e", value);
  return text;
}

}  // namespace

bool begin_descent(Objective& objective, ConstRealPlace parameters, RealPlace gradient, std::int64_t size, double& loss,
                   StepReport& report) {
  const Objective::Value value = objective.evaluate(parameters, gradient);
  ++report.evaluations;
  report.loss = loss = value.loss;
  if (!value.finite) {
    report.skipped = true;
    return false;
  }
  if (largest_magnitude(gradient, size) == 0) {
    report.reason = "gradient is zero";
    report.finished = zero_gradient(loss);
    return false;
  }
  return true;
}

LineSearchResult search_along(Objective& objective, const Descent& from, double first_step, RealPlace parameters,
                              RealPlace trial_gradient, StepReport& report) {
  const LinePoint start{0, from.loss, dot(from.gradient, from.direction, from.size), true};
  if (!(start.slope < 0)) return {};
  const auto evaluate = [&](double step) {
    move_along(from.origin, step, from.direction, parameters, from.size);
    const Objective::Value value = objective.evaluate(parameters, trial_gradient);
    ++report.evaluations;
    return LinePoint{step, value.loss, value.finite ? dot(trial_gradient, from.direction, from.size) : 0, value.finite};
  };
  return search_wolfe(start, first_step, evaluate);
}

void judge_step(const OptimizerOptions& options, ConstRealPlace gradient, std::int64_t size, double loss,
                double previous_loss, StepReport& report) {
  const double largest = largest_magnitude(gradient, size);
  if (largest == 0) {
    report.reason = "gradient is zero";
    report.finished = zero_gradient(loss);
  } else if (largest <= options.gradient_tolerance) {
    report.reason = "tolerance";
    report.finished = "largest gradient component " + scientific(largest) + " reached the tolerance";
  } else if (options.loss_tolerance > 0 && previous_loss - loss <= options.loss_tolerance * std::abs(previous_loss)) {
    report.reason = "tolerance";
    report.finished = "relative change of the loss reached the tolerance at loss " + scientific(loss);
  }
}

std::string no_lower_loss(double loss) {
  return "the line search failed along the quasi-Newton direction and along steepest descent: no lower loss within machine "
         "precision, at loss " +
         scientific(loss);
}

std::string no_lower_loss_at_any_damping(double loss) {
  return "no damping of the Gauss-Newton step brings a lower loss within machine precision, at loss " + scientific(loss);
}

}  // namespace jetpinn
