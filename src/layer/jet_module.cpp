#include "jetpinn/layer/jet_module.hpp"

namespace jetpinn {

void SweepWork::add_chunk(EngineWork& total, std::int64_t points, std::int64_t tiles) const {
  add(total, point, static_cast<double>(points));
  add(total, tile, static_cast<double>(tiles));
  add(total, chunk, 1);
}

void add(SweepWork& to, const SweepWork& work) {
  add(to.point, work.point);
  add(to.tile, work.tile);
  add(to.chunk, work.chunk);
}

}  // namespace jetpinn
