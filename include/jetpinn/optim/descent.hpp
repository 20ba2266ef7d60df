// What optimisers that search for a lower loss share: how they begin, the line search, and why they stop.
#pragma once

#include "jetpinn/optim/flat_vector.hpp"
#include "jetpinn/optim/line_search.hpp"
#include "jetpinn/optim/optimizer.hpp"

#include <cstdint>
#include <string>

namespace jetpinn {

// Loss and gradient where a search begins. False: there is no step to take, and the report says why.
bool begin_descent(Objective& objective, ConstRealPlace parameters, RealPlace gradient, std::int64_t size, double& loss,
                   StepReport& report);

// A place with its loss and gradient, and a direction from there. [size] each, replicated.
struct Descent {
  std::int64_t size;
  double loss;
  ConstRealPlace origin, gradient, direction;
};

// parameters = origin + step direction at the last point evaluated, where its gradient is trial_gradient. Not successful,
// and without an evaluation, where the direction does not descend.
LineSearchResult search_along(Objective& objective, const Descent& from, double first_step, RealPlace parameters,
                              RealPlace trial_gradient, StepReport& report);

// After a step that lowered the loss: whether it is the last one, where a tolerance is reached or the gradient is zero.
void judge_step(const OptimizerOptions& options, ConstRealPlace gradient, std::int64_t size, double loss,
                double previous_loss, StepReport& report);

// What `finished` says where no step along steepest descent brings a lower loss either.
std::string no_lower_loss(double loss);
// The same where no damping of a Gauss-Newton step does.
std::string no_lower_loss_at_any_damping(double loss);

}  // namespace jetpinn
