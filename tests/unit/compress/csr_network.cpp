#include "jetpinn/compress/csr_network.hpp"

#include "jetpinn/compress/row_network.hpp"
#include "support/stack_case.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

TEST(CsrMatrix, HasTheWeightsOfEachOutputInItsRow) {
  StackLayer layer;
  layer.pattern = {3, 4, {1, 3, 4, 9, 11}};  // of [3, 4]: (0, 1), (0, 3), (1, 0), (2, 1), (2, 3)
  layer.kept = {1, 2, 3, 4, 5};
  const CsrMatrix<float> matrix = csr_matrix<float>(layer);
  EXPECT_EQ(matrix.rows, 4);
  EXPECT_EQ(matrix.columns, 3);
  EXPECT_EQ(matrix.starts, (std::vector<std::int32_t>{0, 1, 3, 3, 5}));  // no weight leads to output 2
  EXPECT_EQ(matrix.places, (std::vector<std::int32_t>{1, 0, 2, 0, 2}));
  EXPECT_EQ(matrix.values, (std::vector<float>{3, 1, 4, 2, 5}));
}

// Points that fill no chunk, one that does, and one more.
template <class T>
void expect_the_network() {
  const WeightStack stack = test::small_stack();
  CsrNetwork<T> sparse(stack);
  RowNetwork<T> rows(stack, "libxsmm");
  for (const std::int64_t points : {1, 255, 256, 257}) {
    std::vector<T> x(static_cast<std::size_t>(points * 3)), y(static_cast<std::size_t>(points * 2)), wanted(y.size());
    for (std::size_t k = 0; k < x.size(); ++k) x[k] = static_cast<T>(std::sin(1.0 + 3.0 * static_cast<double>(k)));
    sparse(points, x.data(), y.data());
    rows(points, x.data(), wanted.data());
    for (std::size_t k = 0; k < y.size(); ++k)  // sums of up to 150 numbers, through two layers
      EXPECT_NEAR(y[k], wanted[k], 300 * std::numeric_limits<T>::epsilon() * 4) << points << " points, " << k;
  }
}

TEST(CsrNetwork, GivesTheNetwork) {
  expect_the_network<float>();
  expect_the_network<double>();
}

}  // namespace
}  // namespace jetpinn
