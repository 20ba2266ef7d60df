// The blocks of an evaluation's points in the order in which an engine takes them: term by term, in each its blocks one by
// one, or as many at a time as a chunk of a device holds.
#pragma once

#include "jetpinn/base/types.hpp"
#include "jetpinn/sampling/point_set.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace jetpinn {

class BlockWalk {
 public:
  // order: terms, each with a block at least. `points` outlives the walk.
  BlockWalk(const PointSet& points, std::vector<std::size_t> order) : points_(points), order_(std::move(order)) {}

  // work(term, first point, points, whether it is the last block).
  template <class Work>
  void for_each_block(const Work& work) const {
    for (std::size_t t : order_) {
      const std::vector<Block>& blocks = points_.terms[t].blocks;
      std::int64_t first = 0;
      for (std::size_t b = 0; b < blocks.size(); ++b) {
        work(t, first, blocks[b].count, t == order_.back() && b + 1 == blocks.size());
        first += blocks[b].count;
      }
    }
  }

  // The same of blocks of a term joined as long as another one fits into chunk_of(term) points.
  template <class ChunkOf, class Work>
  void for_each_run(const ChunkOf& chunk_of, const Work& work) const {
    std::int64_t waiting = 0;
    for_each_block([&](std::size_t t, std::int64_t first, std::int64_t count, bool last) {
      waiting += count;
      const bool ends_term = first + count == points_.terms[t].local_count;
      if (!ends_term && waiting + block_points <= chunk_of(t)) return;
      work(t, first + count - waiting, waiting, last);
      waiting = 0;
    });
  }

 private:
  const PointSet& points_;
  const std::vector<std::size_t> order_;
};

}  // namespace jetpinn
