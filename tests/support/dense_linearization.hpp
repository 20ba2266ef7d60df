// A linearisation whose Jacobian is a dense matrix, on one rank. Residual i has place 2 i in the kernel.
#pragma once

#include "jetpinn/optim/objective_linearization.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace jetpinn::testing {

class DenseLinearization : public ObjectiveLinearization {
 public:
  using Vector = std::vector<double>;

  // rows [residuals][size] of all terms, one after the other; points: [terms], one residual at each.
  DenseLinearization(std::vector<Vector> rows, std::vector<std::int64_t> points, Vector weights, Vector values = {})
      : rows_(std::move(rows)), points_(std::move(points)), weights_(std::move(weights)), values_(std::move(values)) {
    values_.resize(rows_.size());
  }

  std::int64_t terms() const override { return static_cast<std::int64_t>(points_.size()); }
  std::int64_t residual_count() const override { return local_residuals(); }
  std::int64_t local_residuals() const override { return static_cast<std::int64_t>(rows_.size()); }
  std::int64_t local_points(std::int64_t term) const override { return points_[static_cast<std::size_t>(term)]; }
  std::int64_t residuals_of(std::int64_t) const override { return 1; }
  const Vector& weights() const override { return weights_; }

  double residuals(double* r) override {
    double loss = 0;
    for (std::size_t i = 0; i < rows_.size(); ++i) loss += weights_[i] * (r[i] = values_[i]) * values_[i];
    return loss;
  }
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
  void term_gradients(double* gradients) override {
    std::size_t r = 0;
    for (std::size_t t = 0; t < points_.size(); ++t)
      for (std::size_t p = 0, first = r; p < rows_[0].size(); ++p) {
        gradients[t * rows_[0].size() + p] = 0;
        for (r = first; r < first + static_cast<std::size_t>(points_[t]); ++r)
          gradients[t * rows_[0].size() + p] += 2 * weights_[r] * values_[r] * rows_[r][p];
      }
  }
  void kernel_traces(double* traces) override {
    std::size_t r = 0;
    for (std::size_t t = 0; t < points_.size(); ++t) {
      traces[t] = 0;
      for (std::int64_t i = 0; i < points_[t]; ++i, ++r)
        for (const double entry : rows_[r]) traces[t] += weights_[r] * entry * entry;
    }
  }
  void rows(std::int64_t, std::int64_t, std::int64_t, double*) override {}

  Vector normal_matrix() override {
    const std::size_t size = rows_[0].size();
    Vector matrix(size * size);
    for (std::size_t r = 0; r < rows_.size(); ++r)
      for (std::size_t i = 0; i < size; ++i)
        for (std::size_t j = 0; j < size; ++j) matrix[i * size + j] += weights_[r] * rows_[r][i] * rows_[r][j];
    return matrix;
  }
  std::int64_t kernel_places() const override { return 2 * local_residuals(); }
  Kernel kernel() override {
    const std::size_t places = 2 * rows_.size();
    Kernel kernel{Vector(places * places), Vector(places)};
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      kernel.residuals[2 * r] = root(r) * values_[r];
      for (std::size_t s = 0; s < rows_.size(); ++s)
        for (std::size_t p = 0; p < rows_[r].size(); ++p)
          kernel.matrix[2 * r * places + 2 * s] += root(r) * rows_[r][p] * root(s) * rows_[s][p];
    }
    return kernel;
  }
  void from_kernel(const double* a, double* product) override {
    Vector w;
    for (std::size_t r = 0; r < rows_.size(); ++r) w.push_back(root(r) * a[2 * r]);
    transposed(w.data(), product);
  }

 private:
  double root(std::size_t r) const { return std::sqrt(weights_[r]); }

  std::vector<Vector> rows_;
  std::vector<std::int64_t> points_;
  Vector weights_, values_;
};

}  // namespace jetpinn::testing
