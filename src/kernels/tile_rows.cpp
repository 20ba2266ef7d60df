#include "jetpinn/kernels/tile_product.hpp"
#include "jetpinn/kernels/tile_sums.hpp"

#include <cstddef>

namespace jetpinn {

TileRows tile_rows(const SparsePattern& pattern, bool transposed) {
  TileRows matrix;
  matrix.rows = transposed ? pattern.inputs : pattern.outputs;
  matrix.columns = transposed ? pattern.outputs : pattern.inputs;
  matrix.tiles = (matrix.columns + tile_columns - 1) / tile_columns;
  const auto row_of = [&](std::int64_t place) { return transposed ? place / pattern.outputs : place % pattern.outputs; };
  const auto column_of = [&](std::int64_t place) { return transposed ? place % pattern.outputs : place / pattern.outputs; };
  const auto slot_of = [&](std::int64_t place) {
    return static_cast<std::size_t>(column_of(place) / tile_columns * matrix.rows + row_of(place));
  };
  // Places rise, so that the columns of a row do: counted, then dealt.
  matrix.begin.assign(static_cast<std::size_t>(matrix.tiles * matrix.rows + 1), 0);
  for (const std::int64_t place : pattern.kept) ++matrix.begin[slot_of(place) + 1];
  for (std::size_t s = 1; s < matrix.begin.size(); ++s) matrix.begin[s] += matrix.begin[s - 1];
  std::vector<std::uint32_t> next(matrix.begin.begin(), matrix.begin.end() - 1);
  matrix.column.resize(pattern.kept.size());
  matrix.order.resize(pattern.kept.size());
  for (std::size_t k = 0; k < pattern.kept.size(); ++k) {
    const std::uint32_t entry = next[slot_of(pattern.kept[k])]++;
    matrix.column[entry] = static_cast<std::uint8_t>(column_of(pattern.kept[k]) % tile_columns);
    matrix.order[entry] = static_cast<std::int64_t>(k);
  }
  return matrix;
}

namespace {

// f(tile, row, its first entry, the end of its entries, operands of the tile's first column) for each row of each tile.
template <int Points, class T, class F>
void for_rows(const TileRows& matrix, const T* x, const F& f) {
  const std::uint32_t* begin = matrix.begin.data();
  for (std::int64_t t = 0; t < matrix.tiles; ++t)
    for (std::int64_t r = 0; r < matrix.rows; ++r, ++begin) f(t, r, begin[0], begin[1], x + t * tile_columns * Points);
}

template <class T, int Packs>
void multiply_rows(const TileRows& matrix, const T* values, const T* x, const T* bias, bool add, T* y) {
  using Sums = RowSums<T, Packs>;
  for_rows<Sums::points>(matrix, x,
                         [&](std::int64_t t, std::int64_t r, std::uint32_t k, std::uint32_t end, const T* operands) {
                           Sums sums;
                           T* row = y + r * Sums::points;
                           t > 0 || add ? sums.read(row) : sums.begin(bias ? bias[r] : T(0));
                           for (; k < end; ++k)
                             sums.add(values[k], operands + std::int64_t{matrix.column[k]} * Sums::points);
                           sums.write(row);
                         });
}

template <class T, int Packs, class Sum>
void multiply_entries(const TileRows& matrix, const T* x, const T* y, Sum* gradient) {
  using Sums = RowSums<T, Packs>;
  for_rows<Sums::points>(matrix, x,
                         [&](std::int64_t, std::int64_t r, std::uint32_t k, std::uint32_t end, const T* operands) {
                           Sums row;
                           row.read(y + r * Sums::points);
                           for (; k < end; ++k)
                             gradient[k] += row.dot(operands + std::int64_t{matrix.column[k]} * Sums::points);
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
