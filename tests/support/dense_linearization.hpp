// A linearisation whose Jacobian is a dense matrix, on one rank.
#pragma once

#include "jetpinn/optim/objective_linearization.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace jetpinn::testing {

class DenseLinearization : public ObjectiveLinearization {
 public:
  using Vector = std::vector<double>;

  // rows [residuals][size] of all terms, one after the other; points: [terms], one residual at each.
  DenseLinearization(std::vector<Vector> rows, std::vector<std::int64_t> points, Vector weights)
      : rows_(std::move(rows)), points_(std::move(points)), weights_(std::move(weights)) {}

  std::int64_t terms() const override { return static_cast<std::int64_t>(points_.size()); }
  std::int64_t residual_count() const override { return local_residuals(); }
  std::int64_t local_residuals() const override { return static_cast<std::int64_t>(rows_.size()); }
  std::int64_t local_points(std::int64_t term) const override { return points_[static_cast<std::size_t>(term)]; }
  std::int64_t residuals_of(std::int64_t) const override { return 1; }
  const Vector& weights() const override { return weights_; }

  double residuals(double*) override { return 0; }
  void times(const double* v, double* product) override {
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      product[r] = 0;
      for (std::size_t p = 0; p < rows_[r].size(); ++p) product[r] += rows_[r][p] * v[p];
    }
  }
  void transposed(const double* w, double* product) override {
    for (std::size_t p = 0; p < rows_[0].size(); ++p) product[p] = 0;
    for (std::size_t r = 0; r < rows_.size(); ++r)
      for (std::size_t p = 0; p < rows_[r].size(); ++p) product[p] += rows_[r][p] * w[r];
  }
  void gauss_newton(const double* v, double* product) override {
    Vector changes(rows_.size());
    times(v, changes.data());
    for (std::size_t r = 0; r < rows_.size(); ++r) changes[r] *= weights_[r];
    transposed(changes.data(), product);
  }
  void term_gradients(double*) override {}
  void rows(std::int64_t, std::int64_t, std::int64_t, double*) override {}

 private:
  std::vector<Vector> rows_;
  std::vector<std::int64_t> points_;
  Vector weights_;
};

}  // namespace jetpinn::testing
