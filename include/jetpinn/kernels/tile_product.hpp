// Products of a sparse matrix with tiles of points: y [rows][points] = bias + W x [columns][points], where the points of a
// unit lie side by side and fill whole packs. A row's sums stay in registers while its weights go by, so that each weight is
// read once for a tile and each operand once for a weight; columns go in tiles too, whose operands fit the first-level
// cache. Within a tile of columns, rows of as many weights follow one another: the processor foresees where a row ends. In
// which order rows go changes no sum.
//
// Work 2 * kept * points FLOP; traffic of a tile: the matrix once from the second-level cache, x once for each kept weight
// from the first-level cache, y from and to the second-level cache once for each tile of columns.
#pragma once

#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/kernels/sparse_pattern.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

inline constexpr int tile_packs = 8;  // of a whole tile: the sums of one row, half of a processor's registers

template <class T>
inline constexpr int tile_points = tile_packs* pack_lanes<T>;

// Columns that go together: 32 KiB of operands in a whole tile, with indices and counts of 8 bits.
inline constexpr int tile_columns = std::min(128, 32768 / (tile_packs * pack_bytes));

inline constexpr std::int64_t row_block = 256;  // rows that are brought into the order of their counts: numbers of 8 bits

// Packs of the smallest tile for so many points, at most a whole one: 1, 2, 4 or 8.
template <class T>
constexpr int packs_for(std::int64_t points) {
  int packs = 1;
  while (packs < tile_packs && packs * pack_lanes<T> < points) packs *= 2;
  return packs;
}

// f(first point, points, packs) for every tile of so many points.
template <class T, class F>
void for_tiles(std::int64_t points, const F& f) {
  for (std::int64_t first = 0; first < points; first += tile_points<T>) {
    const std::int64_t count = std::min<std::int64_t>(tile_points<T>, points - first);
    f(first, count, packs_for<T>(count));
  }
}

// Rows in compressed form, by tiles of columns, a tile's blocks of rows by rising count. Place s = t * rows + i has the i-th
// row of tile t in that order; its entries follow those of the places before it.
struct TileRows {
  std::int64_t rows = 0, columns = 0, tiles = 0;
  int columns_of_tile = tile_columns;
  std::vector<std::uint8_t> row;     // [tiles * rows] from its block's first one on
  std::vector<std::uint8_t> count;   // [tiles * rows] of entries
  std::vector<std::uint8_t> column;  // [kept + column_padding] from its tile's first one on
  std::vector<std::int64_t> order;   // [kept] which of the pattern's weights an entry is
};
inline constexpr std::size_t column_padding = 3;  // behind the last column, for columns are read by fours

// Rows are the matrix's outputs; transposed: its inputs. columns_of_tile: at most 255.
TileRows tile_rows(const SparsePattern& pattern, bool transposed = false, int columns_of_tile = tile_columns);

// values [kept] in the order of the entries. bias [rows], or null: none; add: y is added to instead.
template <class T>
void multiply_tile(const TileRows& matrix, const T* values, int packs, const T* x, const T* bias, bool add, T* y);

// sums[k] += sum over the points of y [rows][points] and x [columns][points] at an entry's place: the gradient of its
// weight.
template <class T, class Sum>
void multiply_at_entries(const TileRows& matrix, int packs, const T* x, const T* y, Sum* sums);

struct SparseBytes {
  double values = 0, total = 0;
};

// A sparse matrix in one of the formats, its weights with it.
template <class T>
class TileProduct {
 public:
  virtual ~TileProduct() = default;
  // x [inputs][points], bias [outputs], y [outputs][points]; points = packs * pack_lanes<T>, packs as packs_for has it.
  virtual void operator()(int packs, const T* x, const T* bias, T* y) const = 0;
  virtual SparseBytes bytes() const = 0;
};

// csr: compressed rows with indices of 8 bits; bitmap: a bit for each place; block: columns of four outputs each, with zeros
// where one of the four is not kept.
const std::vector<std::string>& sparse_formats();

// kept: the pattern's weights in its order. Throws Error (internal) for another name.
template <class T>
std::unique_ptr<TileProduct<T>> make_sparse_product(const std::string& name, const SparsePattern& pattern,
                                                    const double* kept);

}  // namespace jetpinn
