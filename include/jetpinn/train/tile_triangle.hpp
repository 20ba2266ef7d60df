// The lower triangle of a symmetric matrix Mᵀ M in square tiles, for sums over ranks. Columns of M come in panels as wide as
// a tile. Every product is of one shape and one back end, so that its bits do not depend on who computes it.
#pragma once

#include "jetpinn/runtime/product.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace jetpinn {

class TileTriangle {
 public:
  static constexpr std::int64_t side = 64;
  static constexpr std::int64_t area = side * side;
  static constexpr std::int64_t panels_of(std::int64_t columns) { return (columns + side - 1) / side; }
  static constexpr std::int64_t entries_of(std::int64_t panels) { return panels * (panels + 1) / 2 * area; }

  explicit TileTriangle(std::int64_t panels);
  std::int64_t entries() const { return entries_of(panels_); }
  // Where tile (panel, 0) begins; those up to (panel, panel) follow, row-major each.
  static std::int64_t begin(std::int64_t panel) { return entries_of(panel); }

  // tile [side, side] += Aᵀ B for panels A, B [rows, side]: 2 rows side² flop, 8 (2 rows + 2 side) side bytes.
  void add_product(std::int64_t rows, const double* a, const double* b, double* tile) { (*product_)(rows, a, b, tile); }

  // The whole matrix [n, n], n <= panels * side, row by row.
  std::vector<double> whole(const double* entries, std::int64_t n) const;

 private:
  std::int64_t panels_;
  std::unique_ptr<Product<double>> product_;
};

// Panels of a kernel's columns that the residuals of a term take: each residual of a block of points has whole ones. For
// points before a block: where those of the block begin.
std::int64_t kernel_panels(std::int64_t points, std::int64_t residuals);

// Row i of a panel's columns: panels[(p * rows + i) * side + c] = factor * row[p * side + c], zero behind the row's size.
void pack_row(const double* row, std::int64_t size, double factor, std::int64_t rows, std::int64_t i, double* panels);

}  // namespace jetpinn
