// Parts of a layer's matrix W = B A that follow from the factors, without the whole of W: Gram matrices, rows, single
// entries.
#pragma once

#include "jetpinn/ablate/small_svd.hpp"
#include "jetpinn/ablate/weight_shape.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace jetpinn {

// x xᵀ of x [count, length].
template <class T>
std::vector<T> gram_of_rows(const T* x, std::int64_t count, std::int64_t length) {
  std::vector<T> gram(static_cast<std::size_t>(count * count));
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t j = 0; j < count; ++j)
      gram[static_cast<std::size_t>(i * count + j)] = dot(x + i * length, x + j * length, length);
  return gram;
}

// xᵀ x of x [length, count].
template <class T>
std::vector<T> gram_of_columns(const T* x, std::int64_t length, std::int64_t count) {
  std::vector<T> gram(static_cast<std::size_t>(count * count));
  for (std::int64_t l = 0; l < length; ++l)
    for (std::int64_t i = 0; i < count; ++i)
      for (std::int64_t j = 0; j < count; ++j)
        gram[static_cast<std::size_t>(i * count + j)] += x[l * count + i] * x[l * count + j];
  return gram;
}

// out [columns] = row `row` of W.
template <class T>
void row_of(const SampleLayers<T>& sample, std::int64_t layer, std::int64_t row, T* out) {
  const WeightShape& shape = sample.shape;
  if (!sample.factored()) {
    std::copy_n(sample.weight_of(layer) + row * shape.columns, shape.columns, out);
    return;
  }
  const T* b = sample.b_of(layer) + row * shape.rank;
  const T* a = sample.a_of(layer);
  std::fill_n(out, shape.columns, T(0));
  for (std::int64_t r = 0; r < shape.rank; ++r)
    for (std::int64_t j = 0; j < shape.columns; ++j) out[j] += b[r] * a[r * shape.columns + j];
}

template <class T>
T entry_of(const SampleLayers<T>& sample, std::int64_t layer, std::int64_t row, std::int64_t column) {
  const WeightShape& shape = sample.shape;
  if (!sample.factored()) return sample.weight_of(layer)[row * shape.columns + column];
  T sum = 0;
  for (std::int64_t r = 0; r < shape.rank; ++r)
    sum += sample.b_of(layer)[row * shape.rank + r] * sample.a_of(layer)[r * shape.columns + column];
  return sum;
}

// Part `part` of `parts` nearly equal parts of 0 .. length - 1: [begin, end).
inline std::int64_t part_begin(std::int64_t length, std::int64_t parts, std::int64_t part) { return part * length / parts; }

}  // namespace jetpinn
