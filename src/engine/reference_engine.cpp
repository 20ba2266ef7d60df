#include "jetpinn/engine/reference_engine.hpp"

#include "jetpinn/runtime/libtorch.hpp"

namespace jetpinn {

std::unique_ptr<Engine> make_reference_engine(const EngineOptions& options, const Network& network,
                                              const std::vector<EngineTerm>& terms) {
  return libtorch_table<LibtorchEngines>("jetpinn_libtorch_engines", libtorch_purposes::reference)
      .reference(options, network, terms);
}

}  // namespace jetpinn
