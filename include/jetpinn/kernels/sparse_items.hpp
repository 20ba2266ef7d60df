// What a thread of a device does with a sparse matrix: one result of one row, or the gradient of one weight.
#pragma once

#include <Kokkos_Macros.hpp>

#include <cstdint>

namespace jetpinn {

// A matrix by rows: the entries of row r are begin[r] .. begin[r + 1]; an entry has the column of its operand, and is this
// one of the weights in the order of the pattern.
struct EntryRows {
  std::int64_t rows = 0;
  const std::int64_t *begin = nullptr, *column = nullptr, *weight = nullptr;
};

// Item i * y_width + r: y = or += the sum over the row's entries of weight times operand; zero where r pads the row.
template <class T>
struct SparseForwardItem {
  EntryRows matrix;
  const T* weights;
  const T* x;
  std::int64_t x_width;
  bool add;
  T* y;
  std::int64_t y_width;

  KOKKOS_FUNCTION void operator()(std::int64_t i) const {
    const std::int64_t r = i % y_width;
    if (r >= matrix.rows) {
      y[i] = 0;
      return;
    }
    const T* operands = x + i / y_width * x_width;
    T sum = add ? y[i] : T(0);
    for (std::int64_t k = matrix.begin[r]; k < matrix.begin[r + 1]; ++k)
      sum += weights[matrix.weight[k]] * operands[matrix.column[k]];
    y[i] = sum;
  }
};

// Item k: the gradient of weight k, whose operand and result stand in these columns; rows in their order.
template <class T, class Sum>
struct SparseGradientItem {
  const std::int64_t *input, *output;
  std::int64_t rows;
  const T* x;
  std::int64_t x_width;
  const T* y;
  std::int64_t y_width;
  Sum* gradient;

  KOKKOS_FUNCTION void operator()(std::int64_t k) const {
    Sum sum = 0;
    for (std::int64_t i = 0; i < rows; ++i) sum += x[i * x_width + input[k]] * y[i * y_width + output[k]];
    gradient[k] += sum;
  }
};

}  // namespace jetpinn
