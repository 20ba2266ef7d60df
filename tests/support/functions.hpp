// Functions with known minima as objectives.
#pragma once

#include "jetpinn/optim/optimizer.hpp"

#include <cmath>
#include <functional>
#include <limits>

namespace jetpinn::testing {

class FunctionObjective : public Objective {
 public:
  using Function = std::function<double(const double*, double*)>;
  FunctionObjective(std::int64_t size, Function function) : size_(size), function_(std::move(function)) {}
  std::int64_t size() const override { return size_; }
  Value evaluate(const double* x, double* gradient) override {
    ++evaluations;
    const double value = function_(x, gradient);
    bool finite = std::isfinite(value);
    for (std::int64_t i = 0; i < size_; ++i) finite = finite && std::isfinite(gradient[i]);
    return {value, finite};
  }
  int evaluations = 0;

 private:
  std::int64_t size_;
  Function function_;
};

// sum_i 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2, minimum 0 at (1, ..., 1)
inline FunctionObjective rosenbrock(std::int64_t n) {
  return {n, [n](const double* x, double* g) {
            double f = 0;
            for (std::int64_t i = 0; i < n; ++i) g[i] = 0;
            for (std::int64_t i = 0; i + 1 < n; ++i) {
              const double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
              f += 100 * a * a + b * b;
              g[i] += -400 * a * x[i] - 2 * b;
              g[i + 1] += 200 * a;
            }
            return f;
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
