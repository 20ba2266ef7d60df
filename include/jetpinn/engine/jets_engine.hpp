// The engine on Taylor jets: residual derivatives carried forward as channels, one hand-written
// reverse sweep (docs/engine.md).
#pragma once

#include "jetpinn/engine/engine.hpp"

#include <memory>
#include <vector>

namespace jetpinn {

// Precisions fp64 and fp32. options.product_backend: "auto" (measured, by the first of options.ranks for all of them:
// collective; level `ranks` takes the fixed table instead), a back end's name, or what backend() of an earlier engine
// returned.
std::unique_ptr<Engine> make_jets_engine(const EngineOptions& options, const Network& network,
                                         const std::vector<EngineTerm>& terms);

}  // namespace jetpinn
