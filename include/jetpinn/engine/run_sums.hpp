// Sums of squares of points that are swept one after the other, each in a place of its own where the engine computes, so
// that nobody waits for them before all are there.
#pragma once

#include "jetpinn/base/space.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/layer/staged.hpp"
#include "jetpinn/sampling/point_set.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn {

template <class Space>
class RunSums {
 public:
  struct Run {
    std::size_t term;
    double scale;
  };

  // Of an evaluation at these points: a run has a block at least.
  void begin(SpacePool<Space>& pool, Stream stream, const PointSet& points) {
    std::int64_t most = 0;
    for (const TermPoints& term : points.terms) most += static_cast<std::int64_t>(term.blocks.size());
    runs_.clear();
    if (most == 0) return;
    sums_.make_room(pool, 2 * most);
    if constexpr (Space::host)
      std::fill_n(sums_.here(), 2 * most, 0.0);
    else
      fill(stream, sums_.there(), 2 * most, 0.0);
  }
  const void* address() const { return address_of(sums_.there()); }
  // The runs of an evaluation, for one whose sums are added by the same work given again.
  const std::vector<Run>& runs() const { return runs_; }
  void take_up(const std::vector<Run>& runs) { runs_ = runs; }

  // Zeros [2] of the next run, weighted and not, which `scale` multiplies.
  Pointer<double, Space> next(std::size_t term, double scale) {
    runs_.push_back({term, scale});
    return sums_.there() + 2 * static_cast<std::int64_t>(runs_.size() - 1);
  }
  // take(term, weighted, unweighted) of every run, in their order. Waits for them.
  template <class Take>
  void finish(Stream stream, const Take& take) {
    if (runs_.empty()) return;
    sums_.fetch(stream);
    for (std::size_t k = 0; k < runs_.size(); ++k)
      take(runs_[k].term, sums_.here()[2 * k] * runs_[k].scale, sums_.here()[2 * k + 1] * runs_[k].scale);
  }

 private:
  std::vector<Run> runs_;
  Staged<double, Space> sums_;  // [runs, 2]
};

}  // namespace jetpinn
