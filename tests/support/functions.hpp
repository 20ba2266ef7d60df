// Functions with known minima as objectives.
#pragma once

#include "jetpinn/optim/optimizer.hpp"
#include "support/dense_linearization.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace jetpinn::testing {

class FunctionObjective : public Objective {
 public:
  using Function = std::function<double(const double*, double*)>;
  // The function as a sum of weights * values^2; rows: of the derivatives of the values.
  struct LeastSquares {
    std::vector<std::vector<double>> rows;
    std::vector<double> weights, values;
  };
  using Residuals = std::function<LeastSquares(const double*)>;
  FunctionObjective(std::int64_t size, Function function, Residuals residuals = {})
      : size_(size), function_(std::move(function)), residuals_(std::move(residuals)) {}
  std::int64_t size() const override { return size_; }
  Value evaluate(const double* x, double* gradient) override {
    ++evaluations;
    const double value = function_(x, gradient);
    bool finite = std::isfinite(value);
    for (std::int64_t i = 0; i < size_; ++i) finite = finite && std::isfinite(gradient[i]);
    return {value, finite};
  }
  std::unique_ptr<ObjectiveLinearization> linearize(const double* x) override {
    if (!residuals_) return Objective::linearize(x);
    LeastSquares sum = residuals_(x);
    const auto count = static_cast<std::int64_t>(sum.rows.size());
    return std::make_unique<DenseLinearization>(std::move(sum.rows), std::vector<std::int64_t>{count},
                                                std::move(sum.weights), std::move(sum.values));
  }
  int evaluations = 0;

 private:
  std::int64_t size_;
  Function function_;
  Residuals residuals_;
};

// Of w_i r_i(x)^2, from its residuals alone.
inline FunctionObjective least_squares(std::int64_t n, FunctionObjective::Residuals residuals) {
  const auto function = [n, residuals](const double* x, double* g) {
    const FunctionObjective::LeastSquares sum = residuals(x);
    double f = 0;
    for (std::int64_t i = 0; i < n; ++i) g[i] = 0;
    for (std::size_t r = 0; r < sum.rows.size(); ++r) {
      f += sum.weights[r] * sum.values[r] * sum.values[r];
      for (std::int64_t i = 0; i < n; ++i)
        g[i] += 2 * sum.weights[r] * sum.values[r] * sum.rows[r][static_cast<std::size_t>(i)];
    }
    return f;
  };
  return {n, function, std::move(residuals)};
}

// sum_i 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2, minimum 0 at (1, ..., 1)
inline FunctionObjective rosenbrock(std::int64_t n) {
  return {n,
          [n](const double* x, double* g) {
            double f = 0;
            for (std::int64_t i = 0; i < n; ++i) g[i] = 0;
            for (std::int64_t i = 0; i + 1 < n; ++i) {
              const double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
              f += 100 * a * a + b * b;
              g[i] += -400 * a * x[i] - 2 * b;
              g[i + 1] += 200 * a;
            }
            return f;
          },
          [n](const double* x) {
            FunctionObjective::LeastSquares sum;
            const auto add = [&](double weight, double value) -> std::vector<double>& {
              sum.weights.push_back(weight);
              sum.values.push_back(value);
              return sum.rows.emplace_back(static_cast<std::size_t>(n));
            };
            for (std::int64_t i = 0; i + 1 < n; ++i) {
              const auto at = static_cast<std::size_t>(i);
              std::vector<double>& valley = add(100, x[i + 1] - x[i] * x[i]);
              valley[at] = -2 * x[i], valley[at + 1] = 1;
              add(1, 1 - x[i])[at] = -1;
            }
            return sum;
          }};
}

// sum_i c_i x_i^2 / 2 with c_i from 1 to `condition`
inline FunctionObjective quadratic(std::int64_t n, double condition) {
  return {n, [=](const double* x, double* g) {
            double f = 0;
            for (std::int64_t i = 0; i < n; ++i) {
              const double c = std::pow(condition, static_cast<double>(i) / static_cast<double>(n - 1));
              f += 0.5 * c * x[i] * x[i];
              g[i] = c * x[i];
            }
            return f;
          }};
}

}  // namespace jetpinn::testing
