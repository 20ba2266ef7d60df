#include "jetpinn/ablate/low_rank_svd.hpp"

#include "jetpinn/ablate/small_svd.hpp"
#include "jetpinn/runtime/small_network.hpp"
#include "support/weight_case.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace jetpinn {
namespace {

using testing::matrix_of_values;
using testing::WeightCase;

std::vector<double> whole_values(const std::vector<double>& weight, std::int64_t rows, std::int64_t columns) {
  const auto least = static_cast<std::size_t>(std::min(rows, columns));
  std::vector<double> values(least), left(least * static_cast<std::size_t>(rows)),
      right(least * static_cast<std::size_t>(columns));
  full_svd(weight.data(), rows, columns, values.data(), left.data(), right.data());
  return values;
}

TEST(SmallSvd, OrthonormalVectorsGiveBackTheMatrix) {
  constexpr std::int64_t count = 4, length = 7;
  std::vector<double> vectors(count * length), before, r(count * count);
  for (std::size_t i = 0; i < vectors.size(); ++i) vectors[i] = std::sin(static_cast<double>(i * i));
  std::copy_n(vectors.begin(), length, vectors.begin() + 2 * length);  // the third is the first again
  before = vectors;
  orthonormalise(vectors.data(), count, length, r.data());
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t j = 0; j < count; ++j)
      EXPECT_NEAR(dot(vectors.data() + i * length, vectors.data() + j * length, length), i == j && i != 2 ? 1 : 0, 1e-15);
  for (std::int64_t j = 0; j < count; ++j)
    for (std::int64_t i = 0; i < length; ++i) {
      double sum = 0;
      for (std::int64_t k = 0; k < count; ++k)
        sum += vectors[static_cast<std::size_t>(k * length + i)] * r[static_cast<std::size_t>(k * count + j)];
      EXPECT_NEAR(sum, before[static_cast<std::size_t>(j * length + i)], 1e-14);
    }
}

TEST(SmallSvd, RotationsFindTheKnownValues) {
  const std::vector<double> values{5, 3, 3, 1e-3};
  const std::vector<double> matrix = matrix_of_values(4, 6, values);  // its rows are the columns of its transpose
  std::vector<double> columns = matrix, turns(16), found(4);
  rotate_to_singular(columns.data(), 4, 6, turns.data(), found.data());
  for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(found[k], values[k], 20 * std::numeric_limits<double>::epsilon() * 5);
}

// Factors: the values of B A, which is never formed, to rounding.
TEST(LowRankSvd, FactorsHaveTheValuesOfTheirProduct) {
  const WeightCase<double> given;
  const auto& shape = given.shape;
  LowRankSvd<double> svd;
  std::vector<double> values(10), left(2 * 9), right(2 * 12);
  svd.of_factors(given.b.data(), given.a.data(), shape.rows, shape.columns, shape.rank,
                 {values.data(), 10, left.data(), right.data(), 2});
  const std::vector<double> weight(given.weight.begin(), given.weight.begin() + 9 * 12), whole = whole_values(weight, 9, 12);
  for (std::size_t k = 0; k < 9; ++k)
    EXPECT_NEAR(values[k], whole[k], 100 * std::numeric_limits<double>::epsilon() * whole[0]);
  EXPECT_EQ(values[5], 0);
  // σ_1 = u_1ᵀ W v_1
  double first = 0;
  for (std::size_t i = 0; i < 9; ++i)
    for (std::size_t j = 0; j < 12; ++j) first += left[i] * weight[i * 12 + j] * right[j];
  EXPECT_NEAR(first, whole[0], 1e-14);
}

TEST(LowRankSvd, SmallMatricesAreNotSketched) {
  const std::vector<double> values{4, 2, 1, 0.5, 1e-6};
  for (const auto& [rows, columns] : {std::pair{5, 40}, std::pair{40, 5}}) {
    LowRankSvd<double> svd;
    std::vector<double> found(10);
    svd.of_weight(matrix_of_values(rows, columns, values).data(), rows, columns, {found.data(), 10});
    for (std::size_t k = 0; k < 5; ++k) EXPECT_NEAR(found[k], values[k], 1e-14);
  }
}

// Halko, Martinsson and Tropp bound the mean; with a fixed draw a factor of 3 stands for its scatter. Every value of the
// sketch lies below its own by at most the error of the projection.
TEST(LowRankSvd, SketchKeepsTheBound) {
  constexpr std::int64_t rows = 80, columns = 96, wanted = 10;
  for (const double decay : {0.5, 0.9, 0.98}) {
    std::vector<double> values(rows);
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = std::pow(decay, static_cast<double>(k));
    const std::vector<double> weight = matrix_of_values(rows, columns, values);
    LowRankSvd<double> svd;
    std::vector<double> found(wanted);
    svd.of_weight(weight.data(), rows, columns, {found.data(), wanted});
    const double allowed = 3 * sketch_bound(rows, columns, wanted) * values[wanted];
    for (std::size_t k = 0; k < wanted; ++k) {
      EXPECT_LE(found[k], values[k] + 1e-13) << decay << " " << k;
      EXPECT_GE(found[k], values[k] - allowed) << decay << " " << k;
    }
  }
}

// What the study promises: values within 1e-3 of the largest, in fp32, where they fall as 1/k or faster.
TEST(LowRankSvd, SketchInSinglePrecisionIsWithinOneThousandth) {
  constexpr std::int64_t side = 96, wanted = 10;
  for (const double power : {1.0, 2.0}) {
    std::vector<double> values(side);
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = std::pow(static_cast<double>(k + 1), -power);
    const std::vector<double> weight = matrix_of_values(side, side, values), whole = whole_values(weight, side, side);
    const std::vector<float> narrow(weight.begin(), weight.end());
    LowRankSvd<float> svd;
    std::vector<float> found(wanted);
    svd.of_weight(narrow.data(), side, side, {found.data(), wanted});
    for (std::size_t k = 0; k < wanted; ++k) EXPECT_NEAR(found[k], whole[k], 1e-3 * whole[0]) << power << " " << k;
  }
}

TEST(LowRankSvd, ZeroMatricesAndZeroFactors) {
  LowRankSvd<float> svd;
  std::vector<float> values(10, 1), left(2 * 20, 1), zero(20 * 20, 0);
  svd.of_weight(zero.data(), 20, 20, {values.data(), 10, left.data(), nullptr, 2});
  svd.of_factors(zero.data(), zero.data(), 20, 20, 4, {values.data(), 10, left.data(), nullptr, 2});
  for (const float value : values) EXPECT_EQ(value, 0);
  for (const float x : left) EXPECT_EQ(x, 0);
}

}  // namespace
}  // namespace jetpinn
