#include "jetpinn/ablate/low_rank_svd.hpp"

#include "jetpinn/ablate/small_svd.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/sampling/random.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

constexpr std::int64_t width = sketch_width;
static_assert(width == block_columns);

// out [vectors, length] = the first columns of q [rank, length]ᵀ u, with u [vectors, rank].
template <class T>
void combine(const T* q, std::int64_t rank, std::int64_t length, const T* u, std::int64_t vectors, T* out) {
  std::fill_n(out, vectors * length, T(0));
  for (std::int64_t k = 0; k < vectors; ++k)
    for (std::int64_t r = 0; r < rank; ++r)
      for (std::int64_t i = 0; i < length; ++i) out[k * length + i] += u[k * rank + r] * q[r * length + i];
}

}  // namespace

double sketch_bound(std::int64_t rows, std::int64_t columns, std::int64_t wanted) {
  const auto k = static_cast<double>(wanted), p = static_cast<double>(width - wanted);
  const auto least = static_cast<double>(std::min(rows, columns));
  const double base =
      1 + std::sqrt(k / (p - 1)) + std::exp(1.0) * std::sqrt(k + p) / p * std::sqrt(std::max(least - k, 0.0));
  return std::pow(base, 1.0 / (2 * sketch_powers + 1));
}

// The same numbers for every matrix: what a sample's features are does not depend on which samples came before.
template <class T>
const std::vector<T>& LowRankSvd<T>::gaussian(std::int64_t columns) {
  const auto size = static_cast<std::size_t>(columns * width);
  for (std::size_t i = gaussian_.size(); i < size; ++i) {
    const auto words = random_words({0x5eed, 0, 0}, Draw::uniform, i);
    const double radius = std::sqrt(-2 * std::log(1 - unit_interval(words[0])));
    gaussian_.push_back(static_cast<T>(radius * std::cos(2 * M_PI * unit_interval(words[1]))));
  }
  return gaussian_;
}

template <class T>
void LowRankSvd<T>::sketch(const T* weight, std::int64_t rows, std::int64_t columns, const Result& result) {
  tall_.resize(static_cast<std::size_t>(rows * width));
  wide_.resize(static_cast<std::size_t>(columns * width));
  multiply(weight, rows, columns, gaussian(columns).data(), tall_.data());
  for (int power = 0; power < sketch_powers; ++power) {
    block_.make(tall_.data(), rows, /*passes=*/1);
    multiply_transposed(weight, rows, columns, tall_.data(), wide_.data());
    block_.make(wide_.data(), columns, /*passes=*/1);
    multiply(weight, rows, columns, wide_.data(), tall_.data());
  }
  block_.make(tall_.data(), rows, /*passes=*/2);
  multiply_transposed(weight, rows, columns, tall_.data(), wide_.data());
  block_.make(wide_.data(), columns, /*passes=*/2);
  core_ = block_.r();  // column j of R_Aᵀ is row j of R_A, and R_B is 1
  if (result.left) transposed(tall_, rows, left_);
  if (result.right) transposed(wide_, columns, right_);
  rotate(width, rows, columns, result);
}

template <class T>
void LowRankSvd<T>::transposed(const std::vector<T>& block, std::int64_t length, std::vector<T>& vectors) {
  vectors.resize(block.size());
  transpose(block.data(), length, width, vectors.data());
}

template <class T>
void LowRankSvd<T>::decompose(std::int64_t rank, std::int64_t rows, std::int64_t columns, const Result& result) {
  const auto square = static_cast<std::size_t>(rank * rank);
  for (std::vector<T>* matrix : {&left_r_, &right_r_, &core_}) matrix->resize(square);
  orthonormalise(left_.data(), rank, rows, left_r_.data());
  orthonormalise(right_.data(), rank, columns, right_r_.data());
  for (std::int64_t i = 0; i < rank; ++i)  // column j of R_B R_Aᵀ
    for (std::int64_t j = 0; j < rank; ++j)
      core_[static_cast<std::size_t>(j * rank + i)] = dot(left_r_.data() + i * rank, right_r_.data() + j * rank, rank);
  rotate(rank, rows, columns, result);
}

template <class T>
void LowRankSvd<T>::rotate(std::int64_t rank, std::int64_t rows, std::int64_t columns, const Result& result) {
  turns_.resize(core_.size());
  values_.resize(static_cast<std::size_t>(rank));
  rotate_to_singular(core_.data(), rank, rank, turns_.data(), values_.data());
  const std::int64_t found = std::min(rank, result.wanted);
  std::copy_n(values_.data(), found, result.values);
  std::fill_n(result.values + found, result.wanted - found, T(0));
  const std::int64_t vectors = std::min(rank, result.vectors);
  for (std::int64_t k = 0; k < vectors; ++k) {
    const T value = values_[static_cast<std::size_t>(k)], scale = value > 0 ? 1 / value : T(0);
    for (std::int64_t i = 0; i < rank; ++i) core_[static_cast<std::size_t>(k * rank + i)] *= scale;
  }
  if (result.left) {
    std::fill_n(result.left, result.vectors * rows, T(0));
    combine(left_.data(), rank, rows, core_.data(), vectors, result.left);
  }
  if (result.right) {
    std::fill_n(result.right, result.vectors * columns, T(0));
    combine(right_.data(), rank, columns, turns_.data(), vectors, result.right);
  }
}

template <class T>
void LowRankSvd<T>::of_factors(const T* b, const T* a, std::int64_t rows, std::int64_t columns, std::int64_t rank,
                               const Result& result) {
  left_.resize(static_cast<std::size_t>(rank * rows));
  transpose(b, rows, rank, left_.data());
  right_.assign(a, a + rank * columns);
  decompose(rank, rows, columns, result);
}

template <class T>
void LowRankSvd<T>::of_weight(const T* weight, std::int64_t rows, std::int64_t columns, const Result& result) {
  JETPINN_CHECK(result.wanted <= width, "wanted singular values");
  if (std::min(rows, columns) > width) {
    sketch(weight, rows, columns, result);
    return;
  }
  // W = I W or W = W I: the smaller side is the rank.
  const std::int64_t rank = std::min(rows, columns);
  left_.assign(static_cast<std::size_t>(rank * rows), T(0));
  right_.assign(static_cast<std::size_t>(rank * columns), T(0));
  std::vector<T>& one = rows <= columns ? left_ : right_;
  for (std::int64_t k = 0; k < rank; ++k) one[static_cast<std::size_t>(k * rank + k)] = 1;
  if (rows <= columns)
    std::copy_n(weight, rows * columns, right_.data());
  else
    transpose(weight, rows, columns, left_.data());
  decompose(rank, rows, columns, result);
}

template class LowRankSvd<float>;
template class LowRankSvd<double>;

}  // namespace jetpinn
