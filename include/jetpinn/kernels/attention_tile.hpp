// What forward and reverse pass of the attention share on a host: one tile of queries with its scratch, queries in the
// lanes. A tile that is not full has queries of zeros behind its own, whose results nobody reads.
#pragma once

#include "jetpinn/kernels/attention_selection.hpp"
#include "jetpinn/kernels/dense_tile.hpp"
#include "jetpinn/kernels/pack_math.hpp"

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace jetpinn {

// Scratch of one worker, cut into its parts.
template <class T>
struct AttentionScratch {
  std::int64_t lanes;           // of the queries of a tile: whole packs
  T *scores, *sorted;           // [score_row] of tiles
  T *q_columns, *o_columns;     // [width, lanes]: scaled queries; outputs, or in reverse the adjoints of the queries
  T* bar_columns;               // [width, lanes]: adjoints of the outputs
  T *q_rows, *bar_rows;         // [tile, padded width]: scaled queries and adjoints of the outputs
  T *weights, *slopes;          // [tile, lanes]: scores and then p; their adjoints
  T *largest, *sums, *factors;  // [lanes]

  static std::int64_t numbers(const AttentionPattern& pattern) {
    return 2 * AttentionKept<T>::score_row(pattern) + padded<T>(pattern.tile) * (3 * pattern.width + 2 * pattern.tile + 3) +
           2 * pattern.tile * padded<T>(pattern.width);
  }
  AttentionScratch(const AttentionPattern& pattern, T* next) : lanes(padded<T>(pattern.tile)) {
    const auto take = [&next](std::int64_t count) { return std::exchange(next, next + count); };
    for (T** row : {&scores, &sorted}) *row = take(AttentionKept<T>::score_row(pattern));
    for (T** columns : {&q_columns, &o_columns, &bar_columns}) *columns = take(lanes * pattern.width);
    for (T** rows : {&q_rows, &bar_rows}) *rows = take(pattern.tile * padded<T>(pattern.width));
    for (T** area : {&weights, &slopes}) *area = take(pattern.tile * lanes);
    for (T** lane : {&largest, &sums, &factors}) *lane = take(lanes);
  }
};

// One tile of queries: tile -1 are global ones.
struct QueryTile {
  std::int64_t tile, first, count;
};

// f(query tile) for all tokens of a sequence.
template <class F>
void for_query_tiles(const AttentionPattern& pattern, const F& f) {
  for (std::int64_t first = 0; first < pattern.global; first += pattern.tile)
    f(QueryTile{-1, first, std::min(pattern.tile, pattern.global - first)});
  for (std::int64_t tile = 0; tile < pattern.tiles(); ++tile)
    f(QueryTile{tile, pattern.first(tile), pattern.end(tile) - pattern.first(tile)});
}

// columns [width, lanes] = factor * rows [count, width], and zeros behind them.
template <class T>
void to_columns(const T* rows, std::int64_t count, std::int64_t width, T factor, std::int64_t lanes, T* columns) {
  if (count < lanes) std::fill_n(columns, width * lanes, T(0));
  for (std::int64_t i = 0; i < count; ++i)
    for (std::int64_t c = 0; c < width; ++c) columns[c * lanes + i] = factor * rows[i * width + c];
}

// to [count, padded width] = factor * rows [count, width], and zeros behind each row.
template <class T>
void to_padded(const T* rows, std::int64_t count, std::int64_t width, T factor, T* to) {
  const std::int64_t row = padded<T>(width);
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t c = 0; c < width; ++c) to[i * row + c] = factor * rows[i * width + c];
    std::fill(to + i * row + width, to + (i + 1) * row, T(0));
  }
}

// products [keys, lanes] = rows [keys, width] columns [width, lanes]: scores, and adjoints of p.
template <class T>
void multiply_rows(const T* rows, std::int64_t keys, std::int64_t width, const T* columns, std::int64_t lanes, T* products) {
  multiply_dense<T, TileStart::zero>({keys, width, lanes, rows, width, 1, columns, lanes, products, lanes});
}

// columns [width, lanes] = columns * scale + rowsᵀ [width, keys] weights [keys, lanes]: outputs, and adjoints of queries.
template <TileStart start, class T>
void gather_columns(const T* rows, std::int64_t keys, std::int64_t width, const T* weights, const T* scale,
                    std::int64_t lanes, T* columns) {
  multiply_dense<T, start>({width, keys, lanes, rows, 1, width, weights, lanes, columns, lanes, scale});
}

// rows [keys, width] += weights [keys, queries of lanes] from [queries, padded width]: adjoints of values and of keys.
template <class T>
void gather_rows(const T* weights, std::int64_t keys, std::int64_t queries, std::int64_t lanes, const T* from,
                 std::int64_t width, T* rows) {
  multiply_dense<T, TileStart::add>({keys, queries, width, weights, lanes, 1, from, padded<T>(width), rows, width});
}

template <class T>
T score_scale(const AttentionPattern& pattern) {
  return T(1) / std::sqrt(static_cast<T>(pattern.width));
}

// f(sequence, scratch) for all sequences. Workers share them out by their index; which worker computes a sequence changes
// nothing in it.
template <class T, class F>
void over_sequences(const char* label, const AttentionPattern& pattern, std::int64_t sequences, T* scratch, const F& f) {
  using Host = Kokkos::DefaultHostExecutionSpace;
  const std::int64_t workers = std::min<std::int64_t>(sequences, Host().concurrency());
  const std::int64_t numbers = AttentionScratch<T>::numbers(pattern);
  Kokkos::parallel_for(label, Kokkos::RangePolicy<Host, Kokkos::IndexType<std::int64_t>>(0, workers),
                       [=](std::int64_t worker) {
                         const AttentionScratch<T> own(pattern, scratch + worker * numbers);
                         for (std::int64_t s = worker; s < sequences; s += workers) f(s, own);
                       });
  Host().fence();
}

}  // namespace jetpinn
