// What an engine will take, known before it is made.
#pragma once

#include "jetpinn/base/types.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/network/network.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

struct EngineMemory {
  std::int64_t weights = 0;    // bytes: padded copies of the parameters, transposed ones, their gradients
  std::int64_t channels = 0;   // bytes: layers of one chunk with all their channels, the sweep's work buffers included
  std::int64_t columns = 0;    // bytes: features, coefficients, outputs and residuals of one chunk, of every term
  std::int64_t chunk = 0;      // points, the largest of any term
  std::int64_t total() const { return weights + channels + columns; }
};

// Of the jets engine: what its pool gives out. Of the reference engine: an estimate, for LibTorch allocates as it goes along.
EngineMemory plan_engine_memory(EngineKind kind, Precision precision, const Network& network, const std::vector<EngineTerm>& terms);

}  // namespace jetpinn
