// What optimisers with a line search share: the search itself, and why they stop.
#pragma once

#include "jetpinn/optim/line_search.hpp"
#include "jetpinn/optim/optimizer.hpp"

#include <cstdint>
#include <string>

namespace jetpinn {

// A place with its loss and gradient, and a direction from there. [size] each, replicated.
struct Descent {
  std::int64_t size = 0;
  double loss = 0;
  const double *origin = nullptr, *gradient = nullptr, *direction = nullptr;
};

// parameters = origin + step direction at the last point evaluated, where its gradient is trial_gradient. Not successful,
// and without an evaluation, where the direction does not descend.
LineSearchResult search_along(Objective& objective, const Descent& from, double first_step, double* parameters,
                              double* trial_gradient, StepReport& report);

// Empty: neither a tolerance is reached, nor is the gradient zero.
std::string stop_reason(const OptimizerOptions& options, const double* gradient, std::int64_t size, double loss,
                        double previous_loss);

// What `finished` says where no step along steepest descent brings a lower loss either.
std::string no_lower_loss(double loss);
// The same where no damping of a Gauss-Newton step does.
std::string no_lower_loss_at_any_damping(double loss);

}  // namespace jetpinn
