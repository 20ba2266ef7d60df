#include "jetpinn/runtime/symmetric_solve.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

using Vector = std::vector<double>;

// J [rows, n]: waves that a few rows tell apart well.
Vector jacobian(std::size_t rows, std::size_t n) {
  Vector j;
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t k = 0; k < n; ++k)
      j.push_back(std::cos(static_cast<double>((k + 1) * i) * 0.37 + 0.2 * static_cast<double>(k)));
  return j;
}

// Jᵀ J and Jᵀ r.
struct Normal {
  Vector a, b;
  Normal(const Vector& j, const Vector& r, std::size_t n) : a(n * n), b(n) {
    for (std::size_t i = 0; i < r.size(); ++i)
      for (std::size_t k = 0; k < n; ++k) {
        b[k] += j[i * n + k] * r[i];
        for (std::size_t l = 0; l < n; ++l) a[k * n + l] += j[i * n + k] * j[i * n + l];
      }
  }
};

// x of the least |J x - r|, by the modified orthogonalisation of Gram and Schmidt: J = Q R, R x = Qᵀ r.
Vector least_squares(Vector j, Vector r, std::size_t n) {
  const std::size_t rows = r.size();
  Vector factors(n * n), x(n);
  for (std::size_t k = 0; k < n; ++k) {
    double norm = 0;
    for (std::size_t i = 0; i < rows; ++i) norm += j[i * n + k] * j[i * n + k];
    factors[k * n + k] = std::sqrt(norm);
    for (std::size_t i = 0; i < rows; ++i) j[i * n + k] /= factors[k * n + k];
    for (std::size_t l = k + 1; l < n; ++l) {
      for (std::size_t i = 0; i < rows; ++i) factors[k * n + l] += j[i * n + k] * j[i * n + l];
      for (std::size_t i = 0; i < rows; ++i) j[i * n + l] -= factors[k * n + l] * j[i * n + k];
    }
    for (std::size_t i = 0; i < rows; ++i) x[k] += j[i * n + k] * r[i];
    for (std::size_t i = 0; i < rows; ++i) r[i] -= x[k] * j[i * n + k];
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t l = k + 1; l < n; ++l) x[k] -= factors[k * n + l] * x[l];
    x[k] /= factors[k * n + k];
  }
  return x;
}

TEST(SymmetricSolve, AgreesWithDenseLeastSquares) {
  for (std::size_t n : {std::size_t{1}, std::size_t{5}, std::size_t{33}}) {
    const std::size_t rows = 3 * n + 2;
    Vector j = jacobian(rows, n), r;
    for (std::size_t i = 0; i < rows; ++i) r.push_back(std::sin(1.3 * static_cast<double>(i)) + 0.5);
    const Normal normal(j, r, n);
    const Vector x = solve_symmetric(normal.a, normal.b, 1e-15);
    ASSERT_EQ(x.size(), n);
    const Vector expected = least_squares(j, r, n);
    // The columns are near to orthogonal: a condition of some hundred, squared in the normal equations.
    for (std::size_t k = 0; k < n; ++k) EXPECT_NEAR(x[k], expected[k], 1e-10) << n << " " << k;
  }
}

// With fewer rows than columns, or columns of zeros, the ridge alone decides: nothing moves that no row asks for.
TEST(SymmetricSolve, StaysFiniteWhereRowsAreFew) {
  const std::size_t n = 12, rows = 4;
  Vector j = jacobian(rows, n);
  for (std::size_t i = 0; i < rows; ++i) j[i * n + 7] = 0;
  const Vector r = {1, -2, 0.5, 3};
  const Normal normal(j, r, n);
  const Vector x = solve_symmetric(normal.a, normal.b, 1e-12);
  ASSERT_EQ(x.size(), n);
  EXPECT_EQ(x[7], 0);
  for (std::size_t i = 0; i < rows; ++i) {
    double fitted = 0;
    for (std::size_t k = 0; k < n; ++k) fitted += j[i * n + k] * x[k];
    EXPECT_NEAR(fitted, r[i], 1e-6);
  }
  for (double entry : x) EXPECT_LT(std::abs(entry), 10);
}

// (A + ridge d I) x = b with A = diag(4, 1), d = 4.
TEST(SymmetricSolve, TheRidgeIsRelativeToTheLargestEntry) {
  const Vector x = solve_symmetric({4, 0, 0, 1}, {6, 6}, 0.5);
  ASSERT_EQ(x.size(), 2u);
  EXPECT_DOUBLE_EQ(x[0], 1);
  EXPECT_DOUBLE_EQ(x[1], 2);
}

TEST(SymmetricSolve, SaysWhereThereIsNone) {
  EXPECT_TRUE(solve_symmetric({0, 0, 0, 0}, {0, 0}, 1e-12).empty());
  EXPECT_TRUE(solve_symmetric({1, 0, 0, -1}, {1, 1}, 1e-12).empty());
  EXPECT_TRUE(solve_symmetric({1, std::nan(""), std::nan(""), 1}, {1, 1}, 1e-12).empty());
  EXPECT_TRUE(solve_symmetric({1}, {std::numeric_limits<double>::infinity()}, 1e-12).empty());
}

}  // namespace
}  // namespace jetpinn
