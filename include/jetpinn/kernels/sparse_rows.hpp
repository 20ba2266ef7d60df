// Sparse products of rows, as jets have them: [rows][width] with the units of a point side by side, padded to whole packs.
// On a host rows go through tiles of points (tile_product.hpp), which costs a transpose of operands and results.
#pragma once

#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/tile_product.hpp"

#include <cstdint>

namespace jetpinn {

// Numbers of one tile of points, operands and results.
template <class T>
std::int64_t sparse_scratch(const TileRows& matrix) {
  return (matrix.rows + matrix.columns) * tile_points<T>;
}

// y [rows][y_width] = or += x [rows][x_width] Aᵀ; what pads a row of y becomes zero. values: in the order of A's entries.
template <class T>
void sparse_forward(Stream stream, const TileRows& matrix, const T* values, std::int64_t rows, const T* x,
                    std::int64_t x_width, bool add, T* y, std::int64_t y_width, T* scratch);

// gradient [entries] += sum over rows of y x at each entry's place.
template <class T, class Sum>
void sparse_gradient(Stream stream, const TileRows& matrix, std::int64_t rows, const T* x, std::int64_t x_width, const T* y,
                     std::int64_t y_width, Sum* gradient, T* scratch);

}  // namespace jetpinn
