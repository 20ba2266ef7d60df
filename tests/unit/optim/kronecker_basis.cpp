#include "jetpinn/optim/kronecker_basis.hpp"

#include "reference/soap.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <tuple>

namespace jetpinn {
namespace {

using reference::Matrix;
using reference::transposed;

Matrix waves(std::size_t m, std::size_t n, double phase) {
  Matrix a(m, n);
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j) a(i, j) = std::cos(phase + 0.7 * static_cast<double>((i + 1) * (j + 2)));
  return a;
}

Matrix unit(std::size_t n) {
  Matrix a(n, n);
  for (std::size_t i = 0; i < n; ++i) a(i, i) = 1;
  return a;
}

void expect_near(const std::vector<double>& found, const Matrix& expected, std::size_t terms) {
  ASSERT_EQ(found.size(), expected.at_.size());
  for (std::size_t i = 0; i < found.size(); ++i)  // sums of so many terms of about one
    EXPECT_NEAR(found[i], expected.at_[i], 10 * 2.3e-16 * static_cast<double>(terms * terms));
}

// Rows, columns, and the longest side that has a basis.
class Kronecker : public ::testing::TestWithParam<std::tuple<std::size_t, std::size_t, std::int64_t>> {
 protected:
  const std::size_t m = std::get<0>(GetParam()), n = std::get<1>(GetParam());
  const std::int64_t most = std::get<2>(GetParam());
  const bool left = m > 1 && static_cast<std::int64_t>(m) <= most, right = n > 1 && static_cast<std::int64_t>(n) <= most;
  KroneckerBasis basis{static_cast<std::int64_t>(m), static_cast<std::int64_t>(n), most};

  // Of the sides that have any, one behind the other.
  std::vector<double> both(const Matrix& l, const Matrix& r) const {
    std::vector<double> numbers;
    if (left) numbers = l.at_;
    if (right) numbers.insert(numbers.end(), r.at_.begin(), r.at_.end());
    return numbers;
  }
};

TEST_P(Kronecker, RotatesByPlainProducts) {
  const Matrix ql = left ? waves(m, m, 0.1) : unit(m), qr = right ? waves(n, n, 0.2) : unit(n), x = waves(m, n, 0.3);
  const std::vector<double> matrices = both(ql, qr);
  std::vector<double> to(m * n);
  basis.rotate(matrices.data(), x.at_.data(), to.data());
  expect_near(to, transposed(ql) * x * qr, m + n);
  basis.rotate_back(matrices.data(), x.at_.data(), to.data());
  expect_near(to, ql * x * transposed(qr), m + n);
}

TEST_P(Kronecker, AveragesTheSquaresOfGradients) {
  const Matrix g = waves(m, n, 0.4), h = waves(m, n, 0.5);
  std::vector<double> statistics = both(Matrix(m, m), Matrix(n, n));
  reference::Soap twin(m, n);
  twin.b = 0.75;
  for (const Matrix& gradient : {g, h}) {
    basis.add(0.75, gradient.at_.data(), statistics.data());
    twin.add(gradient);
  }
  expect_near(statistics, Matrix(statistics.size(), 1, both(twin.left, twin.right).data()), m + n);
}

TEST_P(Kronecker, PutsAMomentInTheOrderOfThePowerIteration) {
  Matrix l(m, m), r(n, n);
  for (std::size_t i = 0; i < m; ++i)
    l(i, i) = static_cast<double>((5 * i) % m + 1);  // each once, where 5 does not divide m
  for (std::size_t i = 0; i < n; ++i) r(i, i) = static_cast<double>((5 * i) % n + 1);
  const Matrix second = waves(m, n, 0.6);
  std::vector<double> moment = second.at_, matrices = both(unit(m), unit(n)), power = matrices;
  basis.iterate(both(l, r).data(), matrices.data(), power.data(), moment.data());
  const auto from = [](const Matrix& diagonal, std::size_t k, bool sorted) {
    for (std::size_t i = 0; sorted && i < diagonal.rows; ++i)
      if (diagonal(i, i) == static_cast<double>(diagonal.rows - k)) return i;
    return k;
  };
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j) EXPECT_EQ(moment[i * n + j], second(from(l, i, left), from(r, j, right)));
  for (std::size_t k = 0; left && k < m; ++k) EXPECT_EQ(power[from(l, k, true) * m + k], static_cast<double>(m - k));
}

INSTANTIATE_TEST_SUITE_P(Sizes, Kronecker,
                         ::testing::Values(std::tuple{2, 3, 100}, std::tuple{37, 13, 100}, std::tuple{13, 131, 1000},
                                           std::tuple{7, 40, 20}, std::tuple{40, 7, 20}, std::tuple{1, 6, 20}));

}  // namespace
}  // namespace jetpinn
