// Small dense products whose results stay in registers: c [rows][columns] = or += a [rows][inner] b [inner][columns], with
// the columns in packs and the factors of a broadcast one by one, from wherever they lie.
//
// Work 2 * rows * inner * columns FLOP; a block of 8 rows and 2 packs reads 10 operands for 16 multiply-adds, so that what
// lies in the first-level cache is multiplied at nearly the rate of the registers.
#pragma once

#include "jetpinn/kernels/pack.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace jetpinn {

// What the product is added to.
enum class TileStart { zero, add, scaled };

template <class T>
struct TileFactors {
  std::int64_t rows, inner, columns;
  const T* a;
  std::int64_t a_row, a_inner;  // steps between rows and between summands
  const T* b;
  std::int64_t b_row;  // rows of b can be read to the end of a pack
  T* c;
  std::int64_t c_row;
  const T* scale = nullptr;  // [columns] by which c is multiplied first (scaled)
};

// Rows of a block: with its packs and one row of b they fill the processor's registers, of which there are 32 or 16.
inline constexpr int dense_block_rows = pack_bytes == 64 ? 8 : 4;

template <class T, int Rows, int Packs, TileStart start>
KOKKOS_FORCEINLINE_FUNCTION void multiply_block(const TileFactors<T>& f, std::int64_t row, std::int64_t column, T* c,
                                                std::int64_t c_row) {
  constexpr int lanes = pack_lanes<T>;
  Pack<T> sums[Rows][Packs];
  const T* a[Rows];
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) {
    a[r] = f.a + (row + r) * f.a_row;
#pragma GCC unroll 4
    for (int p = 0; p < Packs; ++p) {
      if constexpr (start == TileStart::zero)
        sums[r][p] = Pack<T>{};
      else
        sums[r][p] = load<T>(c + r * c_row + p * lanes);
      if constexpr (start == TileStart::scaled) sums[r][p] *= load<T>(f.scale + column + p * lanes);
    }
  }
  const T* b = f.b + column;
  for (std::int64_t k = 0; k < f.inner; ++k, b += f.b_row) {
    Pack<T> operands[Packs];
#pragma GCC unroll 4
    for (int p = 0; p < Packs; ++p) operands[p] = load<T>(b + p * lanes);
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      const Pack<T> factor = splat<T>(a[r][k * f.a_inner]);
#pragma GCC unroll 4
      for (int p = 0; p < Packs; ++p) sums[r][p] += factor * operands[p];
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
    for (int p = 0; p < Packs; ++p) store<T>(c + r * c_row + p * lanes, sums[r][p]);
}

// A strip of columns of which the last pack may be a part: then the block's results pass through memory of its own.
template <class T, int Rows, int Packs, TileStart start>
KOKKOS_FORCEINLINE_FUNCTION void multiply_strip_block(const TileFactors<T>& f, std::int64_t row, std::int64_t column) {
  constexpr std::int64_t most = Packs * pack_lanes<T>;
  T* c = f.c + row * f.c_row + column;
  const std::int64_t count = std::min(most, f.columns - column);
  if (count == most) return multiply_block<T, Rows, Packs, start>(f, row, column, c, f.c_row);
  T part[Rows * most] = {};
  if constexpr (start != TileStart::zero)
    for (int r = 0; r < Rows; ++r) std::copy_n(c + r * f.c_row, count, part + r * most);
  multiply_block<T, Rows, Packs, start>(f, row, column, part, most);
  for (int r = 0; r < Rows; ++r) std::copy_n(part + r * most, count, c + r * f.c_row);
}

template <class T, int Packs, TileStart start>
void multiply_strip(const TileFactors<T>& f, std::int64_t column) {
  std::int64_t row = 0;
  for (; row + dense_block_rows <= f.rows; row += dense_block_rows)
    multiply_strip_block<T, dense_block_rows, Packs, start>(f, row, column);
  if constexpr (dense_block_rows > 4)
    if (row + 4 <= f.rows) multiply_strip_block<T, 4, Packs, start>(f, row, column), row += 4;
  for (; row < f.rows; ++row) multiply_strip_block<T, 1, Packs, start>(f, row, column);
}

template <class T, TileStart start>
void multiply_dense(const TileFactors<T>& f) {
  constexpr std::int64_t lanes = pack_lanes<T>;
  for (std::int64_t column = 0; column < f.columns;) {
    const std::int64_t packs = (f.columns - column + lanes - 1) / lanes;
    if (packs == 3) {
      multiply_strip<T, 3, start>(f, column);
      column += 3 * lanes;
    } else if (packs >= 2) {
      multiply_strip<T, 2, start>(f, column);
      column += 2 * lanes;
    } else {
      multiply_strip<T, 1, start>(f, column);
      column += lanes;
    }
  }
}

}  // namespace jetpinn
