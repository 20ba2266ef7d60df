#include "jetpinn/infer/point_batch.hpp"

#include <algorithm>

namespace jetpinn {

TermPoints make_point_batch(int dimensions, std::int64_t first, std::int64_t count, std::int64_t global_count) {
  TermPoints points;
  points.dimensions = dimensions;
  points.global_count = global_count;
  points.local_count = count;
  points.coordinates.resize(static_cast<std::size_t>(dimensions * count));
  for (std::int64_t done = 0; done < count; done += block_points)
    points.blocks.push_back({first + done, std::min(block_points, count - done)});
  return points;
}

}  // namespace jetpinn
