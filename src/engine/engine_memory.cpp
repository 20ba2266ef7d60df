#include "jetpinn/engine/engine_memory.hpp"

#include "jetpinn/engine/jet_linearization.hpp"
#include "jetpinn/engine/jet_sweepers.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

template <class A>
EngineMemory plan_jets(const Network& network, const std::vector<EngineTerm>& terms, const RecomputedLayers& recomputed) {
  EngineMemory memory;
  Pool pool(Pool::Use::planning);
  JetSweepers<A>(network, terms, ProductChoice(), recomputed, 0, pool, Stream{}, &memory);
  return memory;
}

template <class A>
std::int64_t plan_linearizations(const Network& network, const std::vector<EngineTerm>& terms) {
  Pool pool(Pool::Use::planning);
  JetLinearizations<A>(network, programs_of(terms), ProductChoice(), 0, pool, Stream{});
  return pool.bytes();
}

// Every device has the layout of the emulated one. Nothing is taken of the pages that a planning pool is given.
template <class A>
std::int64_t plan_on_device(const Network& network, const std::vector<EngineTerm>& terms, const RecomputedLayers& recomputed,
                            bool linearizes) {
  PoolOf<A> pool(host_slabs(), Slabs::Use::planning);
  JetSweepers<A>(network, terms, ProductChoice(), recomputed, 0, pool, Stream{});
  if (linearizes) JetLinearizations<A>(network, programs_of(terms), ProductChoice(), 0, pool, Stream{});
  return pool.bytes();
}

// Autograd keeps the graph of every derivative with its own derivatives: a value of each unit for each row that a jet
// without collapsing would have, several times over.
EngineMemory plan_autograd(std::int64_t item, const Network& network, const std::vector<EngineTerm>& terms) {
  constexpr std::int64_t copies = 8;
  EngineMemory memory;
  memory.chunk = block_points;
  memory.weights = 2 * network.parameters * item;
  std::int64_t units = 0;
  for (const Layer& layer : network.layers)
    if (!layer.blocks.empty()) units += layer.units;
  for (const EngineTerm& term : terms)
    memory.channels = std::max(memory.channels, copies * term.program.plan.naive_channels * memory.chunk * units * item);
  return memory;
}

}  // namespace

EngineMemory plan_engine_memory(EngineKind kind, Precision precision, const Network& network,
                                const std::vector<EngineTerm>& terms, const RecomputedLayers& recomputed) {
  if (kind == EngineKind::reference) return plan_autograd(precision == Precision::fp64 ? 8 : 4, network, terms);
  if (precision == Precision::bf16) return plan_jets<HostBf16>(network, terms, recomputed);
  return precision == Precision::fp64 ? plan_jets<HostFp64>(network, terms, recomputed)
                                      : plan_jets<HostFp32>(network, terms, recomputed);
}

std::int64_t plan_linearization_memory(EngineKind kind, Precision precision, const Network& network,
                                       const std::vector<EngineTerm>& terms) {
  if (kind == EngineKind::reference) return 0;
  // Of an engine in bf16 too: it linearises in fp32.
  return precision == Precision::fp64 ? plan_linearizations<HostFp64>(network, terms)
                                      : plan_linearizations<HostFp32>(network, terms);
}

std::int64_t plan_device_memory(Precision precision, const Network& network, const std::vector<EngineTerm>& terms,
                                const RecomputedLayers& recomputed, bool linearizes) {
  return precision == Precision::fp64 ? plan_on_device<EmulatedFp64>(network, terms, recomputed, linearizes)
                                      : plan_on_device<EmulatedFp32>(network, terms, recomputed, linearizes);
}

}  // namespace jetpinn
