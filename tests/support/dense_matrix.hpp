// Small symmetric matrices, row by row.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace jetpinn::testing {

using Vector = std::vector<double>;

inline Vector random_vector(std::size_t n, std::mt19937& random) {
  std::normal_distribution<double> normal;
  Vector values(n);
  for (double& value : values) value = normal(random);
  return values;
}

inline double product(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

inline Vector times(const Vector& matrix, const Vector& x) {
  const std::size_t n = x.size();
  Vector result(n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) result[i] += matrix[i * n + j] * x[j];
  return result;
}

// Gᵀ G / n + I / 10
inline Vector random_positive(std::size_t n, std::mt19937& random) {
  const Vector g = random_vector(n * n, random);
  Vector matrix(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      matrix[i * n + j] = i == j ? 0.1 : 0;
      for (std::size_t k = 0; k < n; ++k) matrix[i * n + j] += g[k * n + i] * g[k * n + j] / static_cast<double>(n);
    }
  return matrix;
}

// Whether Cholesky's factorisation goes through.
inline bool positive_definite(Vector matrix, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t m = 0; m < k; ++m) matrix[k * n + k] -= matrix[k * n + m] * matrix[k * n + m];
    if (!(matrix[k * n + k] > 0)) return false;
    matrix[k * n + k] = std::sqrt(matrix[k * n + k]);
    for (std::size_t i = k + 1; i < n; ++i) {
      for (std::size_t m = 0; m < k; ++m) matrix[i * n + k] -= matrix[i * n + m] * matrix[k * n + m];
      matrix[i * n + k] /= matrix[k * n + k];
    }
  }
  return true;
}

}  // namespace jetpinn::testing
