#include "jetpinn/optim/kronecker_basis.hpp"

#include <algorithm>
#include <numeric>

namespace jetpinn {
namespace {

std::unique_ptr<Product<double>> product(ProductKind kind, std::int64_t k, std::int64_t n) {
  // The back end of level `ranks`: there is none of another level, because these products are small beside a gradient.
  return make_product<double>(product_backends().front(), {kind, k, n, k, n, n});
}

void transpose(const double* a, std::int64_t rows, std::int64_t columns, double* to) {
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) to[j * rows + i] = a[i * columns + j];
}

// to[:, k] = a[:, order[k]]
void take_columns(const double* a, const std::vector<std::int64_t>& order, std::int64_t rows, double* to) {
  const auto columns = static_cast<std::int64_t>(order.size());
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t k = 0; k < columns; ++k) to[i * columns + k] = a[i * columns + order[static_cast<std::size_t>(k)]];
}

// power [n, n] is statistic times basis; the diagonal of basisᵀ power, falling.
std::vector<std::int64_t> falling_order(const double* basis, const double* power, std::int64_t n) {
  std::vector<double> expected(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < n; ++j) expected[static_cast<std::size_t>(j)] += basis[i * n + j] * power[i * n + j];
  std::vector<std::int64_t> order(expected.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return expected[static_cast<std::size_t>(a)] > expected[static_cast<std::size_t>(b)];
  });
  return order;
}

void average(double keep, const std::vector<double>& next, std::int64_t n, double* mean) {
  for (std::int64_t i = 0; i < n; ++i) mean[i] = keep * mean[i] + (1 - keep) * next[static_cast<std::size_t>(i)];
}

}  // namespace

std::vector<std::int64_t> KroneckerBasis::sides(std::int64_t rows, std::int64_t columns, std::int64_t most) {
  std::vector<std::int64_t> sides;
  for (const std::int64_t side : {rows, columns})
    if (side > 1 && side <= most) sides.push_back(side);
  return sides;
}

KroneckerBasis::KroneckerBasis(std::int64_t rows, std::int64_t columns, std::int64_t most)
    : rows_(rows), columns_(columns), left_(!sides(rows, 1, most).empty()), right_(!sides(1, columns, most).empty()) {
  if (left_) {
    from_left_ = product(ProductKind::multiply, rows, columns);
    from_left_transposed_ = product(ProductKind::accumulate, rows, columns);
    left_gram_ = product(ProductKind::accumulate, rows, rows);
    left_square_ = product(ProductKind::multiply, rows, rows);
  }
  if (right_) {
    from_right_ = product(ProductKind::multiply, columns, columns);
    right_gram_ = product(ProductKind::accumulate, columns, columns);
  }
  const std::int64_t square = std::max(left_ ? rows * rows : 0, right_ ? columns * columns : 0);
  between_.resize(static_cast<std::size_t>(rows * columns));
  square_.resize(static_cast<std::size_t>(square));
  transposed_.resize(static_cast<std::size_t>(std::max(rows * columns, square)));
}

// 2 (rows + columns) FLOP a number, as in rotate_back and add.
void KroneckerBasis::rotate(const double* basis, const double* x, double* to) {
  double* left = right_ ? between_.data() : to;
  std::copy_n(x, rows_ * columns_, left);
  if (left_) {
    std::fill_n(left, rows_ * columns_, 0.0);
    (*from_left_transposed_)(rows_, basis, x, left);
  }
  if (right_) (*from_right_)(rows_, left, right_of(basis), to);
}

void KroneckerBasis::rotate_back(const double* basis, const double* x, double* to) {
  double* left = right_ ? between_.data() : to;
  if (left_)
    (*from_left_)(rows_, basis, x, left);
  else
    std::copy_n(x, rows_ * columns_, left);
  if (!right_) return;
  transpose(right_of(basis), columns_, columns_, transposed_.data());
  (*from_right_)(rows_, left, transposed_.data(), to);
}

void KroneckerBasis::add(double keep, const double* gradient, double* statistics) {
  if (left_) {
    transpose(gradient, rows_, columns_, transposed_.data());
    std::fill(square_.begin(), square_.end(), 0.0);
    (*left_gram_)(columns_, transposed_.data(), transposed_.data(), square_.data());
    average(keep, square_, rows_ * rows_, statistics);
  }
  if (right_) {
    std::fill(square_.begin(), square_.end(), 0.0);
    (*right_gram_)(rows_, gradient, gradient, square_.data());
    average(keep, square_, columns_ * columns_, statistics + (left_ ? rows_ * rows_ : 0));
  }
}

void KroneckerBasis::iterate(const double* statistics, const double* basis, double* power, double* second) {
  if (left_) {
    (*left_square_)(rows_, statistics, basis, square_.data());
    const std::vector<std::int64_t> order = falling_order(basis, square_.data(), rows_);
    take_columns(square_.data(), order, rows_, power);
    std::copy_n(second, rows_ * columns_, between_.data());
    for (std::int64_t k = 0; k < rows_; ++k)
      std::copy_n(between_.data() + order[static_cast<std::size_t>(k)] * columns_, columns_, second + k * columns_);
  }
  if (right_) {
    (*from_right_)(columns_, right_of(statistics), right_of(basis), square_.data());
    const std::vector<std::int64_t> order = falling_order(right_of(basis), square_.data(), columns_);
    take_columns(square_.data(), order, columns_, power + (left_ ? rows_ * rows_ : 0));
    std::copy_n(second, rows_ * columns_, between_.data());
    take_columns(between_.data(), order, rows_, second);
  }
}

}  // namespace jetpinn
