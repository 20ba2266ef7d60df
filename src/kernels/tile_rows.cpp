#include "jetpinn/kernels/tile_product.hpp"
#include "jetpinn/kernels/tile_sums.hpp"

#include <cstddef>
#include <cstring>
#include <numeric>

namespace jetpinn {

TileRows tile_rows(const SparsePattern& pattern, bool transposed, int columns_of_tile) {
  TileRows matrix;
  matrix.rows = transposed ? pattern.inputs : pattern.outputs;
  matrix.columns = transposed ? pattern.outputs : pattern.inputs;
  matrix.columns_of_tile = columns_of_tile;
  matrix.tiles = (matrix.columns + columns_of_tile - 1) / columns_of_tile;
  const auto row_of = [&](std::int64_t place) { return transposed ? place / pattern.outputs : place % pattern.outputs; };
  const auto column_of = [&](std::int64_t place) { return transposed ? place % pattern.outputs : place / pattern.outputs; };
  const auto slot_of = [&](std::int64_t place) {
    return static_cast<std::size_t>(column_of(place) / columns_of_tile * matrix.rows + row_of(place));
  };
  const auto slots = static_cast<std::size_t>(matrix.tiles * matrix.rows);
  std::vector<std::uint8_t> counts(slots);  // of row r in tile t, at t * rows + r
  for (const std::int64_t place : pattern.kept) ++counts[slot_of(place)];

  // Rows by their counts, block by block, and where the entries of each begin.
  matrix.row.resize(slots);
  matrix.count.resize(slots);
  std::vector<std::size_t> next(slots);
  std::vector<std::uint8_t> sorted;
  std::size_t entry = 0;
  for (std::size_t tile = 0; tile < slots; tile += static_cast<std::size_t>(matrix.rows)) {
    for (std::int64_t first = 0; first < matrix.rows; first += row_block) {
      const std::size_t block = tile + static_cast<std::size_t>(first);
      sorted.resize(static_cast<std::size_t>(std::min(row_block, matrix.rows - first)));
      std::iota(sorted.begin(), sorted.end(), std::uint8_t{0});
      std::stable_sort(sorted.begin(), sorted.end(),
                       [&](std::uint8_t a, std::uint8_t b) { return counts[block + a] < counts[block + b]; });
      for (std::size_t i = 0; i < sorted.size(); ++i) {
        matrix.row[block + i] = sorted[i];
        matrix.count[block + i] = counts[block + sorted[i]];
        next[block + sorted[i]] = entry;
        entry += matrix.count[block + i];
      }
    }
  }

  // Places rise, so that the columns of a row do.
  matrix.column.resize(pattern.kept.size() + column_padding);
  matrix.order.resize(pattern.kept.size());
  for (std::size_t k = 0; k < pattern.kept.size(); ++k) {
    const std::size_t at = next[slot_of(pattern.kept[k])]++;
    matrix.column[at] = static_cast<std::uint8_t>(column_of(pattern.kept[k]) % columns_of_tile);
    matrix.order[at] = static_cast<std::int64_t>(k);
  }
  return matrix;
}

namespace {

// f(tile, row, its entries, operands of the tile's first column) for each row of each tile, in the order of the entries.
template <int Points, class T, class F>
void for_rows(const TileRows& matrix, const T* x, const F& f) {
  const std::uint8_t *row = matrix.row.data(), *count = matrix.count.data();
  for (std::int64_t t = 0; t < matrix.tiles; ++t)
    for (std::int64_t i = 0; i < matrix.rows; ++i, ++row, ++count)
      f(t, i / row_block * row_block + *row, int{*count}, x + t * matrix.columns_of_tile * Points);
}

// Columns go by fours, so that one load brings four of them: what limits the product is loads.
template <class T, int Packs>
void multiply_rows(const TileRows& matrix, const T* values, const T* x, const T* bias, bool add, T* y) {
  using Sums = RowSums<T, Packs>;
  const std::uint8_t* column = matrix.column.data();
  for_rows<Sums::points>(matrix, x, [&](std::int64_t t, std::int64_t r, int count, const T* operands) {
    Sums sums;
    T* row = y + r * Sums::points;
    t > 0 || add ? sums.read(row) : sums.begin(bias ? bias[r] : T(0));
    for (; count > 0; count -= 4) {
      std::uint32_t four;
      std::memcpy(&four, column, sizeof(four));
      const int here = std::min(count, 4);
      if (here == 4) {
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) sums.add(values[k], operands + std::size_t{four >> 8 * k & 255} * Sums::points);
      } else {
        for (int k = 0; k < here; ++k) sums.add(values[k], operands + std::size_t{column[k]} * Sums::points);
      }
      column += here;
      values += here;
    }
    sums.write(row);
  });
}

template <class T, int Packs, class Sum>
void multiply_entries(const TileRows& matrix, const T* x, const T* y, Sum* gradient) {
  using Sums = RowSums<T, Packs>;
  const std::uint8_t* column = matrix.column.data();
  for_rows<Sums::points>(matrix, x, [&](std::int64_t, std::int64_t r, int count, const T* operands) {
    Sums row;
    row.read(y + r * Sums::points);
    for (; count > 0; --count) *gradient++ += row.dot(operands + std::size_t{*column++} * Sums::points);
  });
}

}  // namespace

template <class T>
void multiply_tile(const TileRows& matrix, const T* values, int packs, const T* x, const T* bias, bool add, T* y) {
  with_packs(packs, [&](auto count) { multiply_rows<T, count()>(matrix, values, x, bias, add, y); });
}

template <class T, class Sum>
void multiply_at_entries(const TileRows& matrix, int packs, const T* x, const T* y, Sum* sums) {
  with_packs(packs, [&](auto count) { multiply_entries<T, count()>(matrix, x, y, sums); });
}

template void multiply_tile<float>(const TileRows&, const float*, int, const float*, const float*, bool, float*);
template void multiply_tile<double>(const TileRows&, const double*, int, const double*, const double*, bool, double*);
template void multiply_at_entries<float, float>(const TileRows&, int, const float*, const float*, float*);
template void multiply_at_entries<float, double>(const TileRows&, int, const float*, const float*, double*);
template void multiply_at_entries<double, double>(const TileRows&, int, const double*, const double*, double*);

}  // namespace jetpinn
