// What an engine will take, known before it is made.
#pragma once

#include "jetpinn/base/types.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/network/network.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

// Of the jets engine: what its pool gives out. Of the reference engine: an estimate, for LibTorch allocates as it goes
// along.
EngineMemory plan_engine_memory(EngineKind kind, Precision precision, const Network& network,
                                const std::vector<EngineTerm>& terms, const RecomputedLayers& recomputed = {});

// Bytes that its linearisations take beside that, from the first one on. Of the reference engine: none, for a chunk's graph
// is what it takes anyway.
std::int64_t plan_linearization_memory(EngineKind kind, Precision precision, const Network& network,
                                       const std::vector<EngineTerm>& terms);

// Bytes that the jets engine takes of a device's memory, with its linearisations or without.
std::int64_t plan_device_memory(Precision precision, const Network& network, const std::vector<EngineTerm>& terms,
                                const RecomputedLayers& recomputed, bool linearizes);

}  // namespace jetpinn
