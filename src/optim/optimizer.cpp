#include "jetpinn/optim/optimizer.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/optim/adam.hpp"
#include "jetpinn/optim/dense_quasi_newton.hpp"
#include "jetpinn/optim/lbfgs.hpp"
#include "jetpinn/optim/natural_gradient.hpp"
#include "jetpinn/optim/soap.hpp"

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
  return parameters.device ? evaluate_on_device(parameters, gradient) : evaluate(parameters.here, gradient.here);
}

Objective::Value Objective::evaluate_on_device(ConstRealPlace parameters, RealPlace gradient) {
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

void require_size(const OptimizerOptions& options, std::int64_t parameters) {
  if (!options.dense() || parameters <= DenseQuasiNewton::most_parameters) return;
  throw Error(Status::usage, "optimizer '" + options.kind +
                                 "' keeps a matrix of parameters times parameters, which is for at most " +
                                 std::to_string(DenseQuasiNewton::most_parameters) + " of them; this network has " +
                                 std::to_string(parameters) + ": use lbfgs, or lower network.hidden");
}

std::int64_t optimizer_bytes(const OptimizerOptions& options, const ParameterLayout& layout, int rank, int ranks) {
  if (options.dense()) return DenseQuasiNewton::bytes(layout.size, rank, ranks);
  if (options.linearizes()) return NaturalGradient::bytes(layout.size);
  if (options.kind == "soap") return Soap::bytes(options, layout);
  const std::int64_t vectors = options.kind == "lbfgs" ? 2 * options.history + 4 : 3;
  return vectors * layout.size * static_cast<std::int64_t>(sizeof(double));
}

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, const ParameterLayout& layout,
                                          std::int64_t stage_steps, VectorDevice* device, Communicator* ranks) {
  if (options.kind == "adam") return std::make_unique<Adam>(options, layout, stage_steps, device);
  if (options.kind == "adamw")
    return std::make_unique<Adam>(options, layout, stage_steps, device, WeightDecay(options.decay(), layout));
  if (options.kind == "soap") return std::make_unique<Soap>(options, layout, stage_steps, ranks);
  if (options.kind == "lbfgs") return std::make_unique<Lbfgs>(options, layout.size, device);
  if (options.dense()) return std::make_unique<DenseQuasiNewton>(options, layout.size, ranks);
  if (options.linearizes()) return std::make_unique<NaturalGradient>(options, layout.size, ranks);
  throw Error(Status::usage,
              "unknown optimizer '" + options.kind + "'; there are adam, adamw, soap, lbfgs, bfgs, ssbroyden and ngd");
}

}  // namespace jetpinn
