// Everything of the jets engine that takes memory: the network, its buffers, a sweeper for each term.
#pragma once

#include "jetpinn/engine/engine.hpp"
#include "jetpinn/engine/jet_sweep.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace jetpinn {

std::vector<const TermProgram*> programs_of(const std::vector<EngineTerm>& terms);   // [terms], of the same life

template <class A>
struct JetSweepers {
  // chunk: points held at once; 0: from channels and width, whatever is recomputed, for a chunk decides the order of sums.
  // `memory` (may be null) receives what `pool` gave out for what.
  JetSweepers(const Network& network, const std::vector<EngineTerm>& terms, const ProductChoice& products,
              const RecomputedLayers& recomputed, std::int64_t chunk, PoolOf<A>& pool, Stream stream,
              EngineMemory* memory = nullptr);

  JetNetwork<A> network;
  std::vector<std::unique_ptr<JetSweeper<A>>> terms;
  std::int64_t chunk = 0;  // points, the most of any term
};

}  // namespace jetpinn
