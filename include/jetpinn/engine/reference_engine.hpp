// The same losses and gradients by nested LibTorch autograd: slow, and independent of JetPlan, jets
// and tape. Tests compare with it.
//
// Every derivative of a field is a further torch::autograd::grad call with create_graph, the parameter gradient
// one more; J v comes from differentiating Jᵀ c by c. fp64 and fp32 on the CPU; throws Error (usage) for any other
// precision.
#pragma once

#include "jetpinn/engine/engine.hpp"

#include <memory>
#include <vector>

namespace jetpinn {

std::unique_ptr<Engine> make_reference_engine(const EngineOptions& options, const Network& network,
                                              const std::vector<EngineTerm>& terms);

// The module of LibTorch has it (runtime/libtorch.hpp).
struct LibtorchEngines {
  std::unique_ptr<Engine> (*reference)(const EngineOptions&, const Network&, const std::vector<EngineTerm>&);
};

}  // namespace jetpinn

extern "C" const jetpinn::LibtorchEngines jetpinn_libtorch_engines;
