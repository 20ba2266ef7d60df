#include "jetpinn/engine/engine.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/engine/jet_sweepers.hpp"
#include "jetpinn/engine/jets_engine.hpp"
#include "jetpinn/engine/reference_engine.hpp"
#include "jetpinn/engine/window_engine.hpp"
#include "jetpinn/layer/buffer_plan.hpp"
#include "jetpinn/layer/layer_kinds.hpp"
#include "jetpinn/layer/recompute_plan.hpp"

namespace jetpinn {

void Engine::loss_and_gradient_on_device(ConstDeviceVector, const PointSet&, DeviceVector, TermSums&) {
  JETPINN_CHECK(false, "vectors of a device in an engine on the host");
}

void Engine::loss_and_gradient_exact_on_device(ConstDeviceVector, const PointSet&, ExactSum&) {
  JETPINN_CHECK(false, "vectors of a device in an engine on the host");
}

void Engine::linearize(Stream, const double*, int, const TermPoints&, const VisitLinearization&) {
  throw Error(Status::usage, "this engine offers no linearisation");
}

int Engine::residuals_of(int) const { throw Error(Status::usage, "this engine offers no linearisation"); }

std::unique_ptr<Engine> make_engine(const EngineOptions& options, const Network& network,
                                    const std::vector<EngineTerm>& terms) {
  if (network.windows) return make_window_engine(options, *network.windows, terms);
  switch (options.kind) {
    case EngineKind::jets: return make_jets_engine(options, network, terms);
    case EngineKind::reference: return make_reference_engine(options, network, terms);
  }
  throw Error(Status::usage, "unknown engine; choose jets or reference");
}

CostModel cost_model(const Network& network, const std::vector<EngineTerm>& terms, const RecomputedLayers& recomputed) {
  CostModel model;
  const BufferPlan buffers =
      plan_buffers(network, BufferUse::training, trained_coefficients(programs_of(terms)), recomputed);
  // Forward once, reverse twice (for the weights and for the inputs), a multiplication and an addition each: 3 * 2 * V * P,
  // at every site of a point.
  for (const EngineTerm& term : terms) {
    const std::vector<bool> members = network.members_of(term.program.fields_read());
    const double weights = product_weights(network, members), again = recomputed_weights(network, members, buffers);  // P
    model.flop_per_point.push_back((6.0 * weights + 2.0 * again) * term.program.sites * term.program.channels());
  }
  return model;
}

}  // namespace jetpinn
