#include "jetpinn/kernels/sparse_rows.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

constexpr std::int64_t together = 16;  // units of which each tile's lines stay in the cache while points go by

// tile [units][packs * lanes] of some rows; points that are not there are zero.
template <class T>
void to_tile(const T* rows, std::int64_t count, std::int64_t units, std::int64_t width, int packs, T* tile) {
  const std::int64_t points = packs * pack_lanes<T>;
  for (std::int64_t first = 0; first < units; first += together) {
    const std::int64_t end = std::min(first + together, units);
    for (std::int64_t p = 0; p < count; ++p)
      for (std::int64_t u = first; u < end; ++u) tile[u * points + p] = rows[p * width + u];
    for (std::int64_t u = first; u < end; ++u) std::fill(tile + u * points + count, tile + (u + 1) * points, T(0));
  }
}

template <class T>
void from_tile(const T* tile, std::int64_t count, std::int64_t units, std::int64_t width, int packs, T* rows) {
  const std::int64_t points = packs * pack_lanes<T>;
  for (std::int64_t first = 0; first < units; first += together) {
    const std::int64_t end = std::min(first + together, units);
    for (std::int64_t p = 0; p < count; ++p)
      for (std::int64_t u = first; u < end; ++u) rows[p * width + u] = tile[u * points + p];
  }
  for (std::int64_t p = 0; p < count; ++p) std::fill(rows + p * width + units, rows + (p + 1) * width, T(0));
}

}  // namespace

template <class T>
void sparse_forward(Stream, const TileRows& matrix, const T* values, std::int64_t rows, const T* x, std::int64_t x_width,
                    bool add, T* y, std::int64_t y_width, T* scratch) {
  T* results = scratch + matrix.columns * tile_points<T>;
  for_tiles<T>(rows, [&](std::int64_t first, std::int64_t count, int packs) {
    to_tile(x + first * x_width, count, matrix.columns, x_width, packs, scratch);
    if (add) to_tile<T>(y + first * y_width, count, matrix.rows, y_width, packs, results);
    multiply_tile<T>(matrix, values, packs, scratch, nullptr, add, results);
    from_tile(results, count, matrix.rows, y_width, packs, y + first * y_width);
  });
}

template <class T, class Sum>
void sparse_gradient(Stream, const TileRows& matrix, std::int64_t rows, const T* x, std::int64_t x_width, const T* y,
                     std::int64_t y_width, Sum* gradient, T* scratch) {
  T* adjoints = scratch + matrix.columns * tile_points<T>;
  for_tiles<T>(rows, [&](std::int64_t first, std::int64_t count, int packs) {
    to_tile(x + first * x_width, count, matrix.columns, x_width, packs, scratch);
    to_tile(y + first * y_width, count, matrix.rows, y_width, packs, adjoints);
    multiply_at_entries<T>(matrix, packs, scratch, adjoints, gradient);
  });
}

template void sparse_forward<float>(Stream, const TileRows&, const float*, std::int64_t, const float*, std::int64_t, bool,
                                    float*, std::int64_t, float*);
template void sparse_forward<double>(Stream, const TileRows&, const double*, std::int64_t, const double*, std::int64_t, bool,
                                     double*, std::int64_t, double*);
template void sparse_gradient<float, float>(Stream, const TileRows&, std::int64_t, const float*, std::int64_t, const float*,
                                            std::int64_t, float*, float*);
template void sparse_gradient<double, double>(Stream, const TileRows&, std::int64_t, const double*, std::int64_t,
                                              const double*, std::int64_t, double*, double*);

}  // namespace jetpinn
