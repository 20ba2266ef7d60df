#include "jetpinn/engine/jet_sweepers.hpp"

#include "jetpinn/base/device_kinds.hpp"

#include <algorithm>

namespace jetpinn {

std::vector<const TermProgram*> programs_of(const std::vector<EngineTerm>& terms) {
  std::vector<const TermProgram*> programs;
  for (const EngineTerm& term : terms) programs.push_back(&term.program);
  return programs;
}

template <class A>
JetSweepers<A>::JetSweepers(const Network& described, const std::vector<EngineTerm>& list, const ProductChoice& products,
                            const RecomputedLayers& recomputed, std::int64_t points, PoolOf<A>& pool, Stream stream,
                            EngineMemory* memory)
    : network(described, products, pool, stream, BufferUse::training, trained_coefficients(programs_of(list)), recomputed) {
  const BufferPlan kept = plan_buffers(described, BufferUse::training, trained_coefficients(programs_of(list)));
  const std::int64_t weights = pool.bytes();
  std::vector<ChunkSize> sizes;
  std::int64_t chunk_rows = 0, tile_rows = 0;
  for (const EngineTerm& term : list) {
    const int channels = term.program.channels();
    ChunkSize size = chunk_of<A>(kept, channels, points);
    size.chunk = std::max<std::int64_t>(size.chunk, term.program.sites);   // all sites of a point at least
    chunk_rows = std::max(chunk_rows, size.chunk * channels);
    tile_rows = std::max(tile_rows, size.tile * channels);
    chunk = std::max(chunk, size.chunk);
    sizes.push_back(size);
  }
  network.allocate(chunk_rows, tile_rows, pool);
  const std::int64_t channels = pool.bytes() - weights;
  for (std::size_t t = 0; t < list.size(); ++t)
    terms.push_back(std::make_unique<JetSweeper<A>>(network, list[t].program, sizes[t], pool, stream));
  if (memory) *memory = {weights, channels, pool.bytes() - weights - channels, chunk};
}

template struct JetSweepers<HostFp32>;
template struct JetSweepers<HostFp64>;
template struct JetSweepers<HostBf16>;
#define JETPINN_INSTANTIATE(A) template struct JetSweepers<A>;
JETPINN_FOR_DEVICES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
