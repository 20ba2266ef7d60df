#include "jetpinn/optim/optimizer.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/optim/adam.hpp"
#include "jetpinn/optim/lbfgs.hpp"

#include <cstdio>

namespace jetpinn {

std::string zero_gradient(double loss) {
  char text[128];
  std::snprintf(text, sizeof text,
                "the gradient is zero at loss %.6e: nothing that is trained changes it (are all weights zero?)", loss);
  return text;
}

std::unique_ptr<ObjectiveLinearization> Objective::linearize(const double*) {
  throw Error(Status::usage, "this objective offers no linearisation");
}

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, const ParameterLayout& layout,
                                          std::int64_t stage_steps) {
  if (options.kind == "adam") return std::make_unique<Adam>(options, layout.size, stage_steps);
  if (options.kind == "lbfgs") return std::make_unique<Lbfgs>(options, layout.size);
  throw Error(Status::usage, "unknown optimizer '" + options.kind + "'; there are adam and lbfgs");
}

}  // namespace jetpinn
