// What the points of a chunk bring along to its sums, and the residuals at them, as columns where the engine computes.
#pragma once

#include "jetpinn/base/space.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/tape.hpp"
#include "jetpinn/layer/staged.hpp"
#include "jetpinn/sampling/point_set.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn {

template <class T, class Space>
class PointWeights {
 public:
  // Of points first to first + n - 1: one column each in `weights` [residuals], the same one where all are weighed alike;
  // untouched where points have no weights. room: points of the longest chunk.
  void load(SpacePool<Space>& pool, Stream stream, const TermPoints& points, std::int64_t first, std::int64_t n,
            std::int64_t room, std::vector<Column<const T>>& weights) {
    const int given = points.weighted_columns();
    if (given == 0) return;
    weights_.make_room(pool, given * room);
    weights_.give_made(stream, given * n, [&points, given, first, n](T* weights) {
      for (int k = 0; k < given; ++k)
        for (std::int64_t i = 0; i < n; ++i) weights[k * n + i] = static_cast<T>(points.weight_at(k, first + i));
    });
    for (int k = 0; k < static_cast<int>(weights.size()); ++k)
      weights[static_cast<std::size_t>(k)] = {address_of(weights_.there() + (given == 1 ? 0 : k) * n), 1};
  }

  // Their shares of the mean, of a quadrature; a column without data where all points count alike.
  Column<const T> load_quadrature(SpacePool<Space>& pool, Stream stream, const TermPoints& points, std::int64_t first,
                                  std::int64_t n, std::int64_t room) {
    if (points.quadrature_columns == 0) return {};
    quadrature_.make_room(pool, room);
    quadrature_.give_made(stream, n, [&points, first, n](T* weights) {
      for (std::int64_t i = 0; i < n; ++i) weights[i] = static_cast<T>(points.quadrature_at(first + i));
    });
    return {address_of(quadrature_.there()), 1};
  }

  // Where both are on a device: what was recorded with them holds as long as these stay.
  const T* weights() const { return weights_.there().address(); }
  const T* quadrature() const { return quadrature_.there().address(); }

 private:
  Staged<T, Space> weights_;     // [weight columns, points of the chunk]
  Staged<T, Space> quadrature_;  // [points of the chunk]
};

template <class T, class Space>
class ChunkResiduals {
 public:
  // Runs the tape of a sweeper whose chunk of n points was swept forward, and waits for the residuals.
  template <class Sweeper>
  void compute(SpacePool<Space>& pool, Stream stream, Sweeper& sweeper, std::int64_t n) {
    const int outputs = sweeper.program().residuals();
    stride_ = sweeper.chunk();
    values_.make_room(pool, outputs * stride_);
    std::vector<Column<T>> columns;
    for (int k = 0; k < outputs; ++k) columns.push_back({address_of(values_.there() + k * stride_), 1});
    sweeper.tape().forward(stream, n, sweeper.inputs(), columns);
    sweeper.count_tape(n, false);
    values_.fetch(stream);
  }
  // to[k * stride + i]: residual k at point i of the chunk.
  void tell(int outputs, std::int64_t n, double* to, std::int64_t stride) {
    for (int k = 0; k < outputs; ++k)
      for (std::int64_t i = 0; i < n; ++i) to[k * stride + i] = values_.here()[k * stride_ + i];
  }

 private:
  Staged<T, Space> values_;  // [residuals, stride_]
  std::int64_t stride_ = 0;
};

}  // namespace jetpinn
