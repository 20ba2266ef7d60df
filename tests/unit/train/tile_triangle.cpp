#include "jetpinn/train/tile_triangle.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace jetpinn {
namespace {

constexpr std::int64_t side = TileTriangle::side;

double entry(std::int64_t row, std::int64_t column) {
  return std::sin(0.7 * static_cast<double>(row) + 1.1 * static_cast<double>(column));
}

// Columns that fill no whole panel, rows that fill no whole tile of a product, weights, and two shares.
TEST(TileTriangle, SumsTheProductOfATallMatrix) {
  constexpr std::int64_t size = 2 * side + 5, panels = TileTriangle::panels_of(size), shares[] = {200, 7};
  TileTriangle triangle(panels);
  std::vector<double> entries(static_cast<std::size_t>(triangle.entries())), expected(static_cast<std::size_t>(size * size));
  std::int64_t before = 0;
  for (const std::int64_t rows : shares) {
    std::vector<double> packed(static_cast<std::size_t>(rows * panels * side), 1e300), row(static_cast<std::size_t>(size));
    for (std::int64_t r = 0; r < rows; ++r) {
      const double weight = 1 + 0.1 * static_cast<double>(r % 4);
      for (std::int64_t c = 0; c < size; ++c) row[static_cast<std::size_t>(c)] = entry(before + r, c);
      pack_row(row.data(), size, weight, rows, r, packed.data());
      for (std::int64_t i = 0; i < size; ++i)
        for (std::int64_t j = 0; j < size; ++j)
          expected[static_cast<std::size_t>(i * size + j)] +=
              weight * weight * row[static_cast<std::size_t>(i)] * row[static_cast<std::size_t>(j)];
    }
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t c = size % side; c < side; ++c)
        ASSERT_EQ(packed[static_cast<std::size_t>(((panels - 1) * rows + r) * side + c)], 0) << "behind the last column";
    before += rows;
    for (std::int64_t p = 0; p < panels; ++p)
      for (std::int64_t q = 0; q <= p; ++q)
        triangle.add_product(rows, packed.data() + p * rows * side, packed.data() + q * rows * side,
                             entries.data() + TileTriangle::begin(p) + q * TileTriangle::area);
  }
  const std::vector<double> matrix = triangle.whole(entries.data(), size);
  ASSERT_EQ(matrix.size(), expected.size());
  for (std::size_t i = 0; i < matrix.size(); ++i) EXPECT_NEAR(matrix[i], expected[i], 1e-12 * 207 * 1.69) << i;
}

TEST(TileTriangle, EveryResidualOfABlockHasWholePanels) {
  EXPECT_EQ(kernel_panels(0, 3), 0);
  EXPECT_EQ(kernel_panels(1, 3), 3);
  EXPECT_EQ(kernel_panels(64, 1), 1);
  EXPECT_EQ(kernel_panels(65, 2), 4);
  EXPECT_EQ(kernel_panels(256, 1), 4);
  EXPECT_EQ(kernel_panels(3 * 256 + 17, 2), 26);
}

}  // namespace
}  // namespace jetpinn
