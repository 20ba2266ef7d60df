#include "jetpinn/ablate/column_block.hpp"

#include "jetpinn/ablate/small_svd.hpp"
#include "jetpinn/kernels/dense_tile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

namespace jetpinn {
namespace {

constexpr std::int64_t s = block_columns;

// Upper triangular r with g = rᵀ r. False: a column is nearly one that those before it span.
bool cholesky(const double* g, double* r) {
  // The squared sine of the angle to those before. At 1e-5 one pass in fp32 leaves products of 6e-3, which the second one
  // takes.
  constexpr double least_sine_squared = 1e-10;
  std::fill_n(r, s * s, 0.0);
  for (std::int64_t j = 0; j < s; ++j) {
    double* row = r + j * s;
    std::copy_n(g + j * s + j, s - j, row + j);
    for (std::int64_t k = 0; k < j; ++k)
      for (std::int64_t i = j; i < s; ++i) row[i] -= r[k * s + j] * r[k * s + i];
    if (!(row[j] > least_sine_squared * g[j * s + j]) || !std::isfinite(row[j])) return false;
    const double scale = 1 / std::sqrt(row[j]);
    for (std::int64_t i = j; i < s; ++i) row[i] *= scale;
  }
  return true;
}

// inverse = r⁻¹, upper triangular as r: row i of it from the rows below.
void invert(const double* r, double* inverse) {
  std::fill_n(inverse, s * s, 0.0);
  for (std::int64_t i = s - 1; i >= 0; --i) {
    double* row = inverse + i * s;
    const double scale = 1 / r[i * s + i];
    row[i] = 1;
    for (std::int64_t k = i + 1; k < s; ++k)
      for (std::int64_t j = k; j < s; ++j) row[j] -= r[i * s + k] * inverse[k * s + j];
    for (std::int64_t j = i; j < s; ++j) row[j] *= scale;
  }
}

// Whether a pass may multiply by this inverse. Columns of length 1 enter the new ones as often as it says times their
// lengths: angles that are large one by one may still leave columns that nearly depend on each other, and their rounding
// grows by that much. Of columns as small as the smallest numbers of a type it is beyond the largest one.
bool serves(const double* g, const double* inverse, double largest) {
  constexpr double most = 1e5;  // as one over the least sine
  for (std::int64_t i = 0; i < s; ++i)
    for (std::int64_t j = i; j < s; ++j) {
      const double entry = std::abs(inverse[i * s + j]);
      if (!(entry <= largest) || !(entry * std::sqrt(g[i * s + i]) <= most)) return false;
    }
  return true;
}

}  // namespace

template <class T>
void multiply(const T* w, std::int64_t rows, std::int64_t columns, const T* x, T* out) {
  multiply_dense<T, TileStart::zero>({rows, columns, s, w, columns, 1, x, s, out, s});
}

template <class T>
void multiply_transposed(const T* w, std::int64_t rows, std::int64_t columns, const T* y, T* out) {
  multiply_dense<T, TileStart::zero>({columns, rows, s, w, 1, columns, y, s, out, s});
}

template <class T>
void transpose(const T* in, std::int64_t rows, std::int64_t columns, T* out) {
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) out[j * rows + i] = in[i * columns + j];
}

template <class T>
bool BlockOrthonormaliser<T>::pass(T* block, std::int64_t length) {
  const double* wide = nullptr;
  if constexpr (std::is_same_v<T, double>) {
    wide = block;
  } else {
    wide_.assign(block, block + length * s);
    wide = wide_.data();
  }
  for (std::vector<double>* square : {&gram_, &factor_, &product_}) square->resize(s * s);
  multiply_dense<double, TileStart::zero>({s, length, s, wide, 1, s, wide, s, gram_.data(), s});
  if (!cholesky(gram_.data(), factor_.data())) return false;
  invert(factor_.data(), product_.data());
  if (!serves(gram_.data(), product_.data(), std::numeric_limits<T>::max())) return false;
  inverse_.assign(product_.begin(), product_.end());
  turned_.resize(static_cast<std::size_t>(length * s));
  multiply<T>(block, length, s, inverse_.data(), turned_.data());
  std::copy(turned_.begin(), turned_.end(), block);
  // R of both passes: that of this one times that of the one before.
  start_ = r_;
  for (std::int64_t i = 0; i < s; ++i)
    for (std::int64_t j = 0; j < s; ++j) {
      double sum = 0;
      for (std::int64_t k = i; k <= j; ++k)
        sum +=
            factor_[static_cast<std::size_t>(i * s + k)] * static_cast<double>(start_[static_cast<std::size_t>(k * s + j)]);
      r_[static_cast<std::size_t>(i * s + j)] = static_cast<T>(sum);
    }
  return true;
}

template <class T>
void BlockOrthonormaliser<T>::one_by_one(T* block, std::int64_t length) {
  vectors_.resize(static_cast<std::size_t>(length * s));
  transpose(block, length, s, vectors_.data());
  orthonormalise(vectors_.data(), s, length, r_.data());
  transpose(vectors_.data(), s, length, block);
}

template <class T>
void BlockOrthonormaliser<T>::make(T* block, std::int64_t length, int passes) {
  r_.assign(s * s, T(0));
  for (std::int64_t k = 0; k < s; ++k) r_[static_cast<std::size_t>(k * s + k)] = 1;
  for (int p = 0; p < passes; ++p)
    if (!pass(block, length)) return one_by_one(block, length);  // the second pass of what the first one made finds no angle
}

template void multiply(const float*, std::int64_t, std::int64_t, const float*, float*);
template void multiply(const double*, std::int64_t, std::int64_t, const double*, double*);
template void multiply_transposed(const float*, std::int64_t, std::int64_t, const float*, float*);
template void multiply_transposed(const double*, std::int64_t, std::int64_t, const double*, double*);
template void transpose(const float*, std::int64_t, std::int64_t, float*);
template void transpose(const double*, std::int64_t, std::int64_t, double*);
template class BlockOrthonormaliser<float>;
template class BlockOrthonormaliser<double>;

}  // namespace jetpinn
