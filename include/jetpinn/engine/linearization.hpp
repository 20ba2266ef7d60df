// The residuals r of one term over a chunk of points, and their Jacobian J = dr/dparameters, at fixed parameters: r(p + v) =
// r + J v + ... One forward pass serves all that is asked of it.
#pragma once

#include "jetpinn/sampling/point_set.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>

namespace jetpinn {

// Points of a term that are held at once: [first, first + points) of those that a rank holds.
struct PointRange {
  std::int64_t first = 0, points = 0;
};

// A vector over residuals holds that of residual k at the chunk's point i in [k * stride + i]. Parameters that are not
// trained have no columns in J: their entries of gradients and rows are zero, those of directions are not read.
class Linearization {
 public:
  virtual ~Linearization() = default;
  PointRange range() const { return range_; }

  // r, unweighted.
  virtual void residuals(double* values, std::int64_t stride) = 0;
  // gradient [parameters] += Jᵀ w. The same w gives the same bits every time.
  virtual void transposed(const double* w, std::int64_t stride, double* gradient) = 0;
  // values = J v along v [parameters].
  virtual void times(const double* v, double* values, std::int64_t stride) = 0;
  // Rows of J for the chunk's points `first` to first + count - 1: that of residual k at point first + i lies in
  // rows[(k * stride + i) * parameters], overwritten.
  virtual void rows(std::int64_t first, std::int64_t count, double* rows, std::int64_t stride) = 0;

 protected:
  PointRange range_;
};

// work(PointRange) for runs of at most `chunk` points that cross no block; without blocks all points are one.
template <class Work>
void for_chunks_of_blocks(const TermPoints& points, std::int64_t chunk, const Work& work) {
  const auto run = [&](std::int64_t first, std::int64_t count) {
    for (std::int64_t i = 0; i < count; i += chunk) work(PointRange{first + i, std::min(chunk, count - i)});
  };
  if (points.blocks.empty()) return run(0, points.local_count);
  std::int64_t first = 0;
  for (const Block& block : points.blocks) {
    run(first, block.count);
    first += block.count;
  }
}

// Called for one chunk after the other, so that memory is that of a chunk.
using VisitLinearization = std::function<void(Linearization&)>;

}  // namespace jetpinn
