// Matrices whose rows are padded to whole packs, from and to the flat buffer's [rows, columns].
#pragma once

#include <algorithm>
#include <cstdint>

namespace jetpinn {

constexpr std::int64_t whole_packs(std::int64_t extent, std::int64_t lanes) { return (extent + lanes - 1) / lanes * lanes; }

// to [rows, width] = from [rows, columns]; what pads a row is left alone.
template <class T>
void load_rows(const double* from, std::int64_t rows, std::int64_t columns, T* to, std::int64_t width) {
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) to[i * width + j] = static_cast<T>(from[i * columns + j]);
}

// to [rows, columns] += from [rows, width], which is zero then.
template <class T>
void flush_rows(T* from, std::int64_t rows, std::int64_t columns, std::int64_t width, double* to) {
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) to[i * columns + j] += from[i * width + j];
  std::fill_n(from, rows * width, T(0));
}

}  // namespace jetpinn
