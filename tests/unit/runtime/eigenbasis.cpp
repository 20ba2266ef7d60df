#include "jetpinn/runtime/eigenbasis.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace jetpinn {
namespace {

constexpr double epsilon = 2.3e-16;

// Square matrices [n, n].
std::vector<double> times(const std::vector<double>& a, const std::vector<double>& b, std::size_t n, bool a_transposed) {
  std::vector<double> c(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t k = 0; k < n; ++k) c[i * n + j] += (a_transposed ? a[k * n + i] : a[i * n + k]) * b[k * n + j];
  return c;
}

std::vector<double> waves(std::size_t n) {
  std::vector<double> a(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      a[i * n + j] = std::cos(0.7 * static_cast<double>((i + 1) * (j + 2))) + (i == j ? 2 : 0);
  return a;
}

void expect_orthonormal(const std::vector<double>& q, std::size_t n) {
  const std::vector<double> unit = times(q, q, n, true);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) EXPECT_NEAR(unit[i * n + j], i == j ? 1 : 0, 10 * epsilon * static_cast<double>(n));
}

TEST(Eigenbasis, EigenvectorsDiagonaliseWithTheLargestFirst) {
  for (const std::size_t n : {1, 2, 7, 33}) {
    const std::vector<double> root = waves(n), a = times(root, root, n, true);
    std::vector<double> q = a;
    to_eigenvectors(q.data(), static_cast<std::int64_t>(n));
    expect_orthonormal(q, n);
    const std::vector<double> diagonal = times(q, times(a, q, n, false), n, true);
    const double rounding = 100 * epsilon * diagonal[0] * static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < i; ++j) EXPECT_NEAR(diagonal[i * n + j], 0, rounding);
      EXPECT_LE(diagonal[i * n + i], i == 0 ? diagonal[0] : diagonal[(i - 1) * n + i - 1] + rounding);
    }
  }
}

// Qᵀ A is triangular: column k of A lies in the span of the first k + 1 columns of Q.
TEST(Eigenbasis, ColumnsAreMadeOrthonormalInTheirOrder) {
  for (const std::size_t n : {1, 2, 7, 33}) {
    const std::vector<double> a = waves(n);
    std::vector<double> q = a;
    to_orthonormal_columns(q.data(), static_cast<std::int64_t>(n));
    expect_orthonormal(q, n);
    const std::vector<double> r = times(q, a, n, true);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < i; ++j) EXPECT_NEAR(r[i * n + j], 0, 100 * epsilon * static_cast<double>(n));
  }
}

TEST(Eigenbasis, MatricesOfTooSmallRankHaveABasisToo) {
  std::vector<double> zero(9), one = {4, 2, 0, 2, 1, 0, 0, 0, 0};
  for (const auto make : {to_eigenvectors, to_orthonormal_columns})
    for (std::vector<double> a : {zero, one}) {
      make(a.data(), 3);
      expect_orthonormal(a, 3);
    }
}

}  // namespace
}  // namespace jetpinn
