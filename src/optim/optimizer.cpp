#include "jetpinn/optim/optimizer.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/optim/adam.hpp"
#include "jetpinn/optim/lbfgs.hpp"

namespace jetpinn {

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, std::int64_t size, std::int64_t stage_steps) {
  if (options.kind == "adam") return std::make_unique<Adam>(options, size, stage_steps);
  if (options.kind == "lbfgs") return std::make_unique<Lbfgs>(options, size);
  throw Error(Status::usage, "unknown optimizer '" + options.kind + "'; there are adam and lbfgs");
}

}  // namespace jetpinn
