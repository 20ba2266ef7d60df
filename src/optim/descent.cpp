#include "jetpinn/optim/descent.hpp"

#include "jetpinn/optim/flat_vector.hpp"

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

LineSearchResult search_along(Objective& objective, const Descent& from, double first_step, double* parameters,
                              double* trial_gradient, StepReport& report) {
  const LinePoint start{0, from.loss, dot(from.gradient, from.direction, from.size), true};
  if (!(start.slope < 0)) return {};
  const auto evaluate = [&](double step) {
    for (std::int64_t i = 0; i < from.size; ++i) parameters[i] = from.origin[i] + step * from.direction[i];
    const Objective::Value value = objective.evaluate(parameters, trial_gradient);
    ++report.evaluations;
    return LinePoint{step, value.loss, value.finite ? dot(trial_gradient, from.direction, from.size) : 0, value.finite};
  };
  return search_wolfe(start, first_step, evaluate);
}

std::string stop_reason(const OptimizerOptions& options, const double* gradient, std::int64_t size, double loss,
                        double previous_loss) {
  const double largest = largest_magnitude(gradient, size);
  if (largest == 0) return zero_gradient(loss);
  if (largest <= options.gradient_tolerance)
    return "largest gradient component " + scientific(largest) + " reached the tolerance";
  if (options.loss_tolerance > 0 && previous_loss - loss <= options.loss_tolerance * std::abs(previous_loss))
    return "relative change of the loss reached the tolerance at loss " + scientific(loss);
  return "";
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
