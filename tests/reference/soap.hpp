// Plain twin of optim/soap.hpp for one weight matrix: dense loops, the first moment in the space of the parameters, and QR
// factors by Gram and Schmidt. The eigenvectors of the first step are given, because those of the eigenvalue zero are
// anyone's.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace jetpinn::reference {

struct Matrix {
  std::size_t rows, columns;
  std::vector<double> at_;
  Matrix(std::size_t m, std::size_t n) : rows(m), columns(n), at_(m * n) {}
  Matrix(std::size_t m, std::size_t n, const double* from) : rows(m), columns(n), at_(from, from + m * n) {}
  double& operator()(std::size_t i, std::size_t j) { return at_[i * columns + j]; }
  double operator()(std::size_t i, std::size_t j) const { return at_[i * columns + j]; }
};

inline Matrix operator*(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows, b.columns);
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t j = 0; j < b.columns; ++j)
      for (std::size_t k = 0; k < a.columns; ++k) c(i, j) += a(i, k) * b(k, j);
  return c;
}

inline Matrix transposed(const Matrix& a) {
  Matrix t(a.columns, a.rows);
  for (std::size_t i = 0; i < a.rows; ++i)
    for (std::size_t j = 0; j < a.columns; ++j) t(j, i) = a(i, j);
  return t;
}

struct Soap {
  double rate = 1e-3, b1 = 0.9, b2 = 0.999, epsilon = 1e-8, b = 0.95;
  int frequency = 10, steps = 0;
  Matrix left, right, ql, qr, first, second;

  Soap(std::size_t m, std::size_t n) : left(m, m), right(n, n), ql(m, m), qr(n, n), first(m, n), second(m, n) {}

  static void average(double keep, const Matrix& next, Matrix& mean) {
    for (std::size_t i = 0; i < mean.at_.size(); ++i) mean.at_[i] = keep * mean.at_[i] + (1 - keep) * next.at_[i];
  }
  void add(const Matrix& g) {
    average(b, g * transposed(g), left);
    average(b, transposed(g) * g, right);
  }

  // The next basis of `mean`, and in which order it takes the columns of the old one.
  static std::vector<std::size_t> follow(const Matrix& mean, Matrix& q) {
    const Matrix power = mean * q, diagonal = transposed(q) * power;
    std::vector<std::size_t> order(q.rows);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return diagonal(i, i) > diagonal(j, j); });
    for (std::size_t k = 0; k < q.rows; ++k) {
      for (std::size_t i = 0; i < q.rows; ++i) q(i, k) = power(i, order[k]);
      for (int twice = 0; twice < 2; ++twice)
        for (std::size_t l = 0; l < k; ++l) {
          double along = 0;
          for (std::size_t i = 0; i < q.rows; ++i) along += q(i, l) * q(i, k);
          for (std::size_t i = 0; i < q.rows; ++i) q(i, k) -= along * q(i, l);
        }
      double square = 0;
      for (std::size_t i = 0; i < q.rows; ++i) square += q(i, k) * q(i, k);
      for (std::size_t i = 0; i < q.rows; ++i) q(i, k) /= std::sqrt(square);
    }
    return order;
  }

  void step(const Matrix& g, Matrix& weights) {
    ++steps;
    if (steps == 1) add(g);
    average(b1, g, first);
    const Matrix rotated = transposed(ql) * g * qr;
    for (std::size_t i = 0; i < second.at_.size(); ++i)
      second.at_[i] = b2 * second.at_[i] + (1 - b2) * rotated.at_[i] * rotated.at_[i];
    Matrix move = transposed(ql) * first * qr;
    for (std::size_t i = 0; i < move.at_.size(); ++i)
      move.at_[i] =
          rate * move.at_[i] / (1 - std::pow(b1, steps)) / (std::sqrt(second.at_[i] / (1 - std::pow(b2, steps))) + epsilon);
    const Matrix back = ql * move * transposed(qr);
    for (std::size_t i = 0; i < weights.at_.size(); ++i) weights.at_[i] -= back.at_[i];
    if (steps > 1) add(g);
    if (steps % frequency != 0) return;
    const std::vector<std::size_t> rows = follow(left, ql), columns = follow(right, qr);
    const Matrix before = second;
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (std::size_t j = 0; j < columns.size(); ++j) second(i, j) = before(rows[i], columns[j]);
  }
};

}  // namespace jetpinn::reference
