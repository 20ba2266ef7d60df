#include "jetpinn/train/tile_triangle.hpp"

#include "jetpinn/base/types.hpp"

#include <algorithm>

namespace jetpinn {

TileTriangle::TileTriangle(std::int64_t panels)
    : panels_(panels),
      product_(make_product<double>(product_backends().front(), {ProductKind::accumulate, side, side, side, side, side})) {}

std::vector<double> TileTriangle::whole(const double* entries, std::int64_t n) const {
  std::vector<double> matrix(static_cast<std::size_t>(n * n));
  for (std::int64_t i = 0; i < n; ++i) {
    const double* row = entries + begin(i / side) + i % side * side;
    for (std::int64_t j = 0; j <= i; ++j) {
      const double value = row[j / side * area + j % side];
      matrix[static_cast<std::size_t>(i * n + j)] = matrix[static_cast<std::size_t>(j * n + i)] = value;
    }
  }
  return matrix;
}

std::int64_t kernel_panels(std::int64_t points, std::int64_t residuals) {
  return residuals *
         (points / block_points * TileTriangle::panels_of(block_points) + TileTriangle::panels_of(points % block_points));
}

void pack_row(const double* row, std::int64_t size, double factor, std::int64_t rows, std::int64_t i, double* panels) {
  for (std::int64_t begin = 0; begin < size; begin += TileTriangle::side) {
    double* target = panels + begin * rows + i * TileTriangle::side;
    const std::int64_t count = std::min(TileTriangle::side, size - begin);
    for (std::int64_t c = 0; c < count; ++c) target[c] = factor * row[begin + c];
    std::fill(target + count, target + TileTriangle::side, 0.0);
  }
}

}  // namespace jetpinn
