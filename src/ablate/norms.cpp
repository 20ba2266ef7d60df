// Norms of rows and of columns: the logarithm of their root mean square in eight groups of neighbours each.
#include "jetpinn/ablate/layer_parts.hpp"
#include "jetpinn/ablate/representation.hpp"

#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

constexpr std::int64_t groups = numbers_per_layer / 2;

std::int64_t norms_length(const WeightShape& shape, std::int64_t layers) {
  return layers * (std::min(groups, shape.rows) + std::min(groups, shape.columns));
}

// Two Gram matrices and a quadratic form for each row and column, or each entry twice.
double norms_flop(const WeightShape& shape, std::int64_t layers) {
  const auto sides = static_cast<double>(shape.rows + shape.columns), rank = static_cast<double>(shape.rank);
  const double entries = 4.0 * static_cast<double>(shape.rows * shape.columns);
  return static_cast<double>(layers) * (shape.rank > 0 ? 4 * sides * rank * rank : entries);
}

// Of |W_i|² = b_iᵀ (A Aᵀ) b_i; `stride` is 1 within a row of B and the number of columns within a column of A.
template <class T>
T quadratic_form(const T* x, std::int64_t stride, const std::vector<T>& gram, std::int64_t rank) {
  T sum = 0;
  for (std::int64_t i = 0; i < rank; ++i)
    for (std::int64_t j = 0; j < rank; ++j)
      sum += x[i * stride] * gram[static_cast<std::size_t>(i * rank + j)] * x[j * stride];
  return sum;
}

template <class T>
void squared_norms(const SampleLayers<T>& sample, std::int64_t layer, std::vector<T>& of_rows, std::vector<T>& of_columns) {
  const WeightShape& shape = sample.shape;
  of_rows.assign(static_cast<std::size_t>(shape.rows), T(0));
  of_columns.assign(static_cast<std::size_t>(shape.columns), T(0));
  if (sample.factored()) {
    const T *a = sample.a_of(layer), *b = sample.b_of(layer);
    const std::vector<T> aa = gram_of_rows(a, shape.rank, shape.columns), bb = gram_of_columns(b, shape.rows, shape.rank);
    for (std::int64_t i = 0; i < shape.rows; ++i)
      of_rows[static_cast<std::size_t>(i)] = quadratic_form(b + i * shape.rank, 1, aa, shape.rank);
    for (std::int64_t j = 0; j < shape.columns; ++j)
      of_columns[static_cast<std::size_t>(j)] = quadratic_form(a + j, shape.columns, bb, shape.rank);
    return;
  }
  const T* weight = sample.weight_of(layer);
  for (std::int64_t i = 0; i < shape.rows; ++i)
    for (std::int64_t j = 0; j < shape.columns; ++j) {
      const T square = weight[i * shape.columns + j] * weight[i * shape.columns + j];
      of_rows[static_cast<std::size_t>(i)] += square;
      of_columns[static_cast<std::size_t>(j)] += square;
    }
}

template <class T>
T* group_norms(const std::vector<T>& squares, T* out) {
  const auto length = static_cast<std::int64_t>(squares.size()), parts = std::min(groups, length);
  for (std::int64_t g = 0; g < parts; ++g) {
    const std::int64_t begin = part_begin(length, parts, g), end = part_begin(length, parts, g + 1);
    T sum = 0;
    for (std::int64_t i = begin; i < end; ++i) sum += squares[static_cast<std::size_t>(i)];
    *out++ = std::log(std::max(sum / static_cast<T>(end - begin), std::numeric_limits<T>::min())) / 2;
  }
  return out;
}

template <class T>
void norms(const SampleLayers<T>& sample, const LayerSpectra<T>&, T* out) {
  std::vector<T> of_rows, of_columns;
  for (std::int64_t k = 0; k < sample.count(); ++k) {
    squared_norms(sample, k, of_rows, of_columns);
    out = group_norms(of_columns, group_norms(of_rows, out));
  }
}

}  // namespace

Representation norms_representation() {
  return {
      "norms",
      "row and column norms",
      "the size of the layers; not the spectrum, for the sums of squares and of fourth powers of the singular values do not "
      "depend on the class, and norms of rows have no other moments up to the second",
      false,
      false,
      norms_length,
      norms_flop,
      norms<float>,
      norms<double>};
}

}  // namespace jetpinn
