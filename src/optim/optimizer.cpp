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

Objective::Value Objective::evaluate(ConstRealPlace parameters, RealPlace gradient) {
  JETPINN_CHECK(parameters.device == gradient.device, "parameters and gradient in different memories");
  if (!parameters.device) return evaluate(parameters.here, gradient.here);
  const std::int64_t n = size();
  parameters_here_.resize(static_cast<std::size_t>(n));
  parameters.device->download(parameters.there, parameters_here_.data(), n);
  gradient_here_.resize(static_cast<std::size_t>(n));
  const Value value = evaluate(parameters_here_.data(), gradient_here_.data());
  gradient.device->upload(gradient_here_.data(), gradient.there, n).wait();  // the next evaluation writes over what is sent
  return value;
}

std::unique_ptr<ObjectiveLinearization> Objective::linearize(const double*) {
  throw Error(Status::usage, "this objective offers no linearisation");
}

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, const ParameterLayout& layout,
                                          std::int64_t stage_steps, VectorDevice* device) {
  if (options.kind == "adam") return std::make_unique<Adam>(options, layout.size, stage_steps, device);
  if (options.kind == "adamw")
    return std::make_unique<Adam>(options, layout.size, stage_steps, device, WeightDecay(options.weight_decay, layout));
  if (options.kind == "lbfgs") return std::make_unique<Lbfgs>(options, layout.size, device);
  throw Error(Status::usage, "unknown optimizer '" + options.kind + "'; there are adam, adamw and lbfgs");
}

}  // namespace jetpinn
