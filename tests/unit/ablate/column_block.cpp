#include "jetpinn/ablate/column_block.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

constexpr std::int64_t s = block_columns;

template <class T>
std::vector<T> waves(std::int64_t count, double step) {
  std::vector<T> numbers(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = static_cast<T>(std::sin(step * static_cast<double>(i * i) + static_cast<double>(i)));
  return numbers;
}

// c [m, n] = a b with steps between rows and columns of a, in fp64.
template <class T>
std::vector<double> plain_product(const std::vector<T>& a, std::int64_t of_row, std::int64_t of_column,
                                  const std::vector<T>& b, std::int64_t m, std::int64_t inner) {
  std::vector<double> c(static_cast<std::size_t>(m * s), 0.0);
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t k = 0; k < inner; ++k)
      for (std::int64_t j = 0; j < s; ++j)
        c[static_cast<std::size_t>(i * s + j)] +=
            static_cast<double>(a[static_cast<std::size_t>(i * of_row + k * of_column)]) *
            static_cast<double>(b[static_cast<std::size_t>(k * s + j)]);
  return c;
}

template <class T>
void expect_near(const std::vector<T>& found, const std::vector<double>& wanted, double tolerance) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(static_cast<double>(found[i]), wanted[i], tolerance) << i;
}

template <class T>
class ColumnBlock : public ::testing::Test {};
using BlockTypes = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ColumnBlock, BlockTypes);

// Sides that fill no block of rows. Numbers are at most 1, so that a sum of n products is off by n epsilon at most, in any
// order, times n for its partial sums; their roots are usual.
TYPED_TEST(ColumnBlock, ProductsAreThoseOfPlainLoops) {
  for (const auto& [rows, columns] : {std::pair{1, 17}, std::pair{37, 29}, std::pair{64, 80}}) {
    const auto w = waves<TypeParam>(rows * columns, 0.7), x = waves<TypeParam>(columns * s, 0.3),
               y = waves<TypeParam>(rows * s, 0.9);
    std::vector<TypeParam> out(static_cast<std::size_t>(rows * s)), across(static_cast<std::size_t>(columns * s));
    const double tolerance = 80.0 * std::numeric_limits<TypeParam>::epsilon();
    multiply(w.data(), rows, columns, x.data(), out.data());
    expect_near(out, plain_product(w, columns, 1, x, rows, columns), tolerance);
    multiply_transposed(w.data(), rows, columns, y.data(), across.data());
    expect_near(across, plain_product(w, 1, columns, y, columns, rows), tolerance);
  }
}

// The largest |QᵀQ - 1| and |Q R - V|.
template <class T>
std::pair<double, double> apart(const std::vector<T>& q, const std::vector<T>& r, const std::vector<T>& v,
                                std::int64_t length) {
  const auto at = [](const std::vector<T>& of, std::int64_t i, std::int64_t j) {
    return static_cast<double>(of[static_cast<std::size_t>(i * s + j)]);
  };
  double gram = 0, whole = 0;
  for (std::int64_t a = 0; a < s; ++a)
    for (std::int64_t b = 0; b < s; ++b) {
      double sum = 0;
      for (std::int64_t i = 0; i < length; ++i) sum += at(q, i, a) * at(q, i, b);
      gram = std::max(gram, std::abs(sum - (a == b ? 1 : 0)));
    }
  for (std::int64_t i = 0; i < length; ++i)
    for (std::int64_t j = 0; j < s; ++j) {
      double sum = 0;
      for (std::int64_t k = 0; k < s; ++k) sum += at(q, i, k) * at(r, k, j);
      whole = std::max(whole, std::abs(sum - at(v, i, j)));
    }
  return {gram, whole};
}

// Columns of sizes that fall by three orders, and neighbours that differ in a hundredth: a condition of about 1e5.
TYPED_TEST(ColumnBlock, TwoPassesGiveOrthonormalColumnsAndTheirFactor) {
  constexpr std::int64_t length = 61;
  std::vector<TypeParam> block = waves<TypeParam>(length * s, 0.37);
  for (std::int64_t i = 0; i < length; ++i)
    for (std::int64_t j = 1; j < s; ++j) {
      TypeParam* row = block.data() + i * s;
      if (j % 3 == 2) row[j] = row[j - 1] + TypeParam(0.01) * row[j];
      row[j] *= static_cast<TypeParam>(std::pow(1.6, -j));
    }
  const std::vector<TypeParam> before = block;
  BlockOrthonormaliser<TypeParam> make;
  make.make(block.data(), length, 2);
  const auto [gram, whole] = apart(block, make.r(), before, length);
  const double tolerance = 4 * s * std::numeric_limits<TypeParam>::epsilon();
  EXPECT_LE(gram, tolerance);
  EXPECT_LE(whole, tolerance);
}

// No Cholesky factor: a column that is another one again, and one of zeros, become zero as the plain way makes them.
TYPED_TEST(ColumnBlock, DependentColumnsBecomeZero) {
  constexpr std::int64_t length = 40;
  std::vector<TypeParam> block = waves<TypeParam>(length * s, 0.41);
  for (std::int64_t i = 0; i < length; ++i) block[i * s + 5] = block[i * s + 2], block[i * s + 9] = 0;
  const std::vector<TypeParam> before = block;
  BlockOrthonormaliser<TypeParam> make;
  for (const int passes : {1, 2}) {
    block = before;
    make.make(block.data(), length, passes);
    for (std::int64_t i = 0; i < length; ++i) {
      ASSERT_EQ(block[i * s + 5], 0);
      ASSERT_EQ(block[i * s + 9], 0);
    }
    const auto [gram, whole] = apart(block, make.r(), before, length);
    EXPECT_NEAR(gram, 1, 1e-12);  // of the two that are zero
    EXPECT_LE(whole, 4 * s * std::numeric_limits<TypeParam>::epsilon());
  }
}

// Every angle is a thousandth, and together they leave a condition that no Cholesky factor in fp64 tells: sums of some
// columns that cancel to a thousandth, one on top of the other. A pass may round unit columns 1e5 times.
TYPED_TEST(ColumnBlock, AnglesThatAddUpKeepQTimesR) {
  constexpr std::int64_t length = 61;
  const std::vector<TypeParam> start = waves<TypeParam>(length * s, 0.37), factor = waves<TypeParam>(s * s, 0.53);
  std::vector<TypeParam> block(start.size(), TypeParam(0));
  double largest = 0;
  for (std::int64_t i = 0; i < length; ++i)
    for (std::int64_t j = 0; j < s; ++j) {
      TypeParam& number = block[static_cast<std::size_t>(i * s + j)];
      for (std::int64_t k = 0; k < j; ++k)
        number += factor[static_cast<std::size_t>(k * s + j)] * start[static_cast<std::size_t>(i * s + k)];
      number += (j % 3 == 2 ? TypeParam(1e-3) : TypeParam(1)) * start[static_cast<std::size_t>(i * s + j)];
      largest = std::max(largest, std::abs(static_cast<double>(number)));
    }
  const std::vector<TypeParam> before = block;
  BlockOrthonormaliser<TypeParam> make;
  make.make(block.data(), length, 2);
  const auto [gram, whole] = apart(block, make.r(), before, length);
  EXPECT_LE(gram, 4 * s * std::numeric_limits<TypeParam>::epsilon());
  EXPECT_LE(whole, 1e5 * std::numeric_limits<TypeParam>::epsilon() * largest);
}

// Weights that decayed to the smallest numbers there are: one over their length is beyond the largest one.
TYPED_TEST(ColumnBlock, TheSmallestNumbersStayFinite) {
  constexpr std::int64_t length = 40;
  std::vector<TypeParam> block = waves<TypeParam>(length * s, 0.41);
  for (TypeParam& number : block) number *= 100 * std::numeric_limits<TypeParam>::denorm_min();
  BlockOrthonormaliser<TypeParam> make;
  make.make(block.data(), length, 2);
  for (const TypeParam number : block) ASSERT_TRUE(std::isfinite(number));
  for (const TypeParam number : make.r()) ASSERT_TRUE(std::isfinite(number));
}

}  // namespace
}  // namespace jetpinn
