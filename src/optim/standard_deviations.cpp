#include "jetpinn/optim/standard_deviations.hpp"

#include "jetpinn/optim/flat_vector.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

using Vector = std::vector<double>;

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr double rounding = 1e-14;  // of an entry of S against that of H: below, nothing of it is left

// A small dense matrix, row by row.
struct Matrix {
  std::size_t size;
  Vector values = Vector(size * size);
  double& operator()(std::size_t i, std::size_t j) { return values[i * size + j]; }
};

// Pivots as a share of the diagonal entry, below which a number counts as a combination of those before it.
constexpr double least_pivot = 1e-3;       // of S, whose columns are settled to 1 %
constexpr double least_pivot_of_h = 1e-6;  // of H itself, where the network is held; fp32 rounds to 1e-7

// The inverse of a symmetric positive definite matrix by Gauss and Jordan; NaN everywhere where a pivot is too small.
Matrix inverse_of(Matrix a, double least_pivot) {
  const std::size_t n = a.size;
  const Matrix whole = a;
  Matrix inverse{n};
  for (std::size_t i = 0; i < n; ++i) inverse(i, i) = 1;
  for (std::size_t pivot = 0; pivot < n; ++pivot) {
    const double divisor = a(pivot, pivot);
    if (!(divisor > least_pivot * whole.values[pivot * n + pivot])) return {n, Vector(n * n, none)};
    for (std::size_t j = 0; j < n; ++j) a(pivot, j) /= divisor, inverse(pivot, j) /= divisor;
    for (std::size_t i = 0; i < n; ++i) {
      const double factor = i == pivot ? 0 : a(i, pivot);
      for (std::size_t j = 0; j < n; ++j) a(i, j) -= factor * a(pivot, j), inverse(i, j) -= factor * inverse(pivot, j);
    }
  }
  return inverse;
}

class Marginal {
 public:
  Marginal(ObjectiveLinearization& linear, std::int64_t size, std::int64_t first, const DeviationOptions& options)
      : linear_(linear),
        size_(static_cast<std::size_t>(size)),
        first_(static_cast<std::size_t>(first)),
        options_(options),
        product_(size_) {
    for (std::size_t k = first_; k < size_; ++k) {
      Vector unit(size_);
      unit[k] = 1;
      multiply(unit);
      columns_.push_back(product_);
    }
  }

  // d = [-x; unit vector of number k], H_nn x = H_np. False: conjugate gradients did not settle, or nothing of the entry
  // of S is left. One product an iteration, eight reads and three writes of a vector.
  bool column(std::size_t k, Vector& d) {
    d.assign(size_, 0.0);
    d[first_ + k] = 1;
    const double whole = columns_[k][first_ + k];
    double entry = whole;  // of S; falls with every iteration
    Vector rest(columns_[k].begin(), columns_[k].begin() + offset(first_)), along(size_);
    std::copy(rest.begin(), rest.end(), along.begin());
    double square = dot(rest, rest);
    Vector entries{entry};
    for (int product = 0; product < options_.most_products && square > 0 && std::isfinite(square); ++product) {
      if (options_.stop && options_.stop()) return false;
      multiply(along);
      const double curvature = dot(along, product_);
      if (!(curvature > 0)) break;  // along is zero but for rounding
      const double length = square / curvature, before = square;
      for (std::size_t i = 0; i < first_; ++i) d[i] -= length * along[i], rest[i] -= length * product_[i];
      entry -= length * before;
      entries.push_back(entry);
      if (!(entry > rounding * whole)) return false;
      if (has_settled(entries)) return true;
      square = dot(rest, rest);
      for (std::size_t i = 0; i < first_; ++i) along[i] = rest[i] + square / before * along[i];
    }
    return entry > rounding * whole && static_cast<int>(entries.size()) <= options_.most_products;
  }

  // Whether the numbers themselves change the residuals in ways of their own, before any network adapts. Where they do not,
  // rounding alone would tell their columns of S apart.
  bool are_independent() {
    const std::size_t count = size_ - first_;
    Matrix whole{count};
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t l = 0; l < count; ++l) whole(l, k) = columns_[k][first_ + l];
    return count == 0 || !std::isnan(inverse_of(whole, least_pivot_of_h)(0, 0));
  }

  // product_ = H v
  void multiply(const Vector& v) {
    linear_.gauss_newton(v.data(), product_.data());
    ++products_;
  }
  const Vector& product() const { return product_; }
  std::int64_t products() const { return products_; }

 private:
  static std::ptrdiff_t offset(std::size_t i) { return static_cast<std::ptrdiff_t>(i); }

  double dot(const Vector& a, const Vector& b) const {
    return jetpinn::dot(a.data(), b.data(), static_cast<std::int64_t>(first_));
  }

  bool has_settled(const Vector& entries) const {
    const std::size_t products = entries.size() - 1;
    if (products < static_cast<std::size_t>(options_.least_products)) return false;
    return entries[products] >= (1 - options_.settled) * entries[products * 2 / 3];
  }

  ObjectiveLinearization& linear_;
  const std::size_t size_, first_;
  const DeviationOptions options_;
  Vector product_;
  std::vector<Vector> columns_;  // H e for each number
  std::int64_t products_ = 0;
};

// Jᵀ W V W J d
Vector scattered(ObjectiveLinearization& linear, const Vector& d, const Vector& variances) {
  Vector changes(static_cast<std::size_t>(linear.local_residuals())), result(d.size());
  linear.times(d.data(), changes.data());
  std::size_t at = 0;
  for (std::int64_t t = 0; t < linear.terms(); ++t)
    for (std::int64_t i = 0; i < linear.residuals_of(t) * linear.local_points(t); ++i, ++at) {
      const double weight = linear.weights()[at];
      changes[at] *= weight * variances[static_cast<std::size_t>(t)] * weight;
    }
  linear.transposed(changes.data(), result.data());
  return result;
}

}  // namespace

Deviations standard_deviations(ObjectiveLinearization& linear, std::int64_t size, std::int64_t first,
                               const std::vector<double>& variances, const DeviationOptions& options) {
  const auto count = static_cast<std::size_t>(size - first);
  Deviations result{Vector(count, none), 0};
  Marginal marginal(linear, size, first, options);
  std::vector<Vector> columns(count);
  bool known = marginal.are_independent();
  for (std::size_t k = 0; k < count && known; ++k) known = marginal.column(k, columns[k]);
  Matrix schur{count}, scatter{count};
  for (std::size_t k = 0; k < count && known; ++k) {
    marginal.multiply(columns[k]);
    const Vector spread = scattered(linear, columns[k], variances);
    for (std::size_t l = 0; l < count; ++l) {
      schur(l, k) = dot(columns[l].data(), marginal.product().data(), size);
      scatter(l, k) = dot(columns[l].data(), spread.data(), size);
    }
  }
  result.products = marginal.products();
  if (!known) return result;
  const Matrix inverse = inverse_of(schur, least_pivot);
  for (std::size_t k = 0; k < count; ++k) {
    double variance = 0;  // (S⁻¹ B S⁻¹)_kk
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = 0; j < count; ++j)
        variance += inverse.values[k * count + i] * scatter(i, j) * inverse.values[j * count + k];
    if (std::isfinite(variance) && variance >= 0) result.values[k] = std::sqrt(variance);
  }
  return result;
}

}  // namespace jetpinn
