#include "jetpinn/optim/standard_deviations.hpp"

#include "support/dense_linearization.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

namespace jetpinn {
namespace {

using Vector = std::vector<double>;

constexpr std::size_t others = 6, wanted = 2, size = others + wanted;
const std::vector<std::int64_t> points{40, 25};  // of two terms
const Vector variances{0.04, 2.5};

// Smooth random rows. twins: two of the others do the same, so that H is singular.
std::vector<Vector> random_rows(bool twins = false) {
  std::mt19937 random(5);
  std::normal_distribution<double> normal;
  std::vector<Vector> rows(static_cast<std::size_t>(points[0] + points[1]), Vector(size));
  for (Vector& row : rows) {
    for (double& entry : row) entry = normal(random);
    row[size - 1] += 0.8 * row[1] - 0.5 * row[size - 2];  // what is to be told apart
    if (twins) row[2] = row[3];
  }
  return rows;
}

Vector weights_of_terms() {
  Vector weights;
  for (std::int64_t i = 0; i < points[0]; ++i) weights.push_back(3.0 / 40 + 0.01 * static_cast<double>(i % 3));
  for (std::int64_t i = 0; i < points[1]; ++i) weights.push_back(1.0 / 25);
  return weights;
}

// Solves a x = b in place, by elimination without pivots: a is positive definite.
Vector solve(std::vector<Vector> a, Vector b) {
  for (std::size_t k = 0; k < b.size(); ++k)
    for (std::size_t i = k + 1; i < b.size(); ++i) {
      const double factor = a[i][k] / a[k][k];
      for (std::size_t j = k; j < b.size(); ++j) a[i][j] -= factor * a[k][j];
      b[i] -= factor * b[k];
    }
  for (std::size_t k = b.size(); k-- > 0;) {
    for (std::size_t j = k + 1; j < b.size(); ++j) b[k] -= a[k][j] * b[j];
    b[k] /= a[k][k];
  }
  return b;
}

// The estimate moves by z W e for a change e of the residuals, z = J H^-1 e_k.
double deviation_by_hand(const std::vector<Vector>& rows, const Vector& weights, std::size_t parameter) {
  const std::size_t n = rows[0].size();
  std::vector<Vector> h(n, Vector(n));
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) h[i][j] += weights[r] * rows[r][i] * rows[r][j];
  Vector unit(n);
  unit[parameter] = 1;
  const Vector column = solve(h, unit);
  double variance = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    double z = 0;
    for (std::size_t i = 0; i < n; ++i) z += rows[r][i] * column[i];
    variance += z * z * weights[r] * weights[r] * variances[r < static_cast<std::size_t>(points[0]) ? 0 : 1];
  }
  return std::sqrt(variance);
}

// Conjugate gradients end after as many products as there are other parameters; rounding alone is left.
TEST(StandardDeviations, AreThoseOfTheWholeCovariance) {
  const std::vector<Vector> rows = random_rows();
  testing::DenseLinearization linear(rows, points, weights_of_terms());
  const Deviations found = standard_deviations(linear, size, others, variances);
  ASSERT_EQ(found.values.size(), wanted);
  for (std::size_t k = 0; k < wanted; ++k) {
    const double expected = deviation_by_hand(rows, weights_of_terms(), others + k);
    EXPECT_NEAR(found.values[k] / expected, 1, 1e-9) << k;
  }
  EXPECT_GT(found.products, 0);
}

// A direction in which nothing changes is left out of it.
TEST(StandardDeviations, ASingularNetworkIsNoMatter) {
  const std::vector<Vector> rows = random_rows(true);
  std::vector<Vector> without = rows;
  for (Vector& row : without) row.erase(row.begin() + 2);
  testing::DenseLinearization linear(rows, points, weights_of_terms());
  const Deviations found = standard_deviations(linear, size, others, variances);
  for (std::size_t k = 0; k < wanted; ++k)
    EXPECT_NEAR(found.values[k] / deviation_by_hand(without, weights_of_terms(), others - 1 + k), 1, 1e-9) << k;
}

// k does what a network parameter does: the residuals cannot tell them apart.
TEST(StandardDeviations, AreUnknownWhereTheResidualsDoNotTell) {
  std::vector<Vector> rows = random_rows();
  for (Vector& row : rows) row[others] = 2 * row[0] - row[4];
  testing::DenseLinearization same(rows, points, weights_of_terms());
  EXPECT_TRUE(std::isnan(standard_deviations(same, size, others, variances).values[0]));
  rows = random_rows();  // the two do the same
  for (Vector& row : rows) row[others + 1] = 3 * row[others];
  testing::DenseLinearization both(rows, points, weights_of_terms());
  const Deviations found = standard_deviations(both, size, others, variances);
  for (const double value : found.values) EXPECT_TRUE(std::isnan(value));
  EXPECT_EQ(found.products, 2) << "conjugate gradients, which round, are not asked";
  for (Vector& row : rows) row[others] = 0;  // nothing depends on it
  testing::DenseLinearization none(rows, points, weights_of_terms());
  EXPECT_TRUE(std::isnan(standard_deviations(none, size, others, variances).values[0]));
}

TEST(StandardDeviations, AreUnknownWhereConjugateGradientsDoNotSettle) {
  testing::DenseLinearization linear(random_rows(), points, weights_of_terms());
  DeviationOptions options;
  options.most_products = 2;
  for (const double value : standard_deviations(linear, size, others, variances, options).values)
    EXPECT_TRUE(std::isnan(value));
  int asked = 0;
  options = {};
  options.stop = [&] { return ++asked == 3; };
  for (const double value : standard_deviations(linear, size, others, variances, options).values)
    EXPECT_TRUE(std::isnan(value));
  EXPECT_EQ(asked, 3);
}

}  // namespace
}  // namespace jetpinn
