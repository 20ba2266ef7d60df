// Which tiles beyond its window a tile of queries attends to: those whose mean key has the largest product with its mean
// query, of equal ones the earlier. Exact for this definition and linear in memory: a tile's scores stand in scratch, and
// what is kept of them is the last one that was chosen.
//
// Work of a sequence: 2 * tiles^2 * width FLOP, a thousandth of the scores of all tokens.
#pragma once

#include "jetpinn/kernels/attention_pattern.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace jetpinn {

// q, k [tokens, width] of one sequence; into kept's means.
template <class T>
void mean_tiles(const AttentionKept<T>& kept, std::int64_t sequence, const T* q, const T* k);

// scores [score_row] of every key tile for one tile of queries, a NaN as the lowest of all. Rounded once a summand by name,
// so that every function that asks whether a tile is chosen has the same bits, whatever a compiler makes of its loops.
template <class T>
void score_tiles(const AttentionKept<T>& kept, std::int64_t sequence, std::int64_t tile, T* scores);

// The cut of one tile from its scores, into kept, where tiles are chosen at all; sorted [score_row]: scratch.
template <class T>
void choose_tiles(const AttentionKept<T>& kept, std::int64_t sequence, std::int64_t tile, const T* scores, T* sorted);

// f(first token, tokens) for the keys of one tile of queries in their order, a tile at most at once; those of tile -1, which
// the global tokens are, are all. scores: of score_tiles, read where the tile is not -1.
template <class T, class F>
void for_attended(const AttentionKept<T>& kept, std::int64_t sequence, std::int64_t tile, const T* scores, const F& f) {
  const AttentionPattern& pattern = kept.pattern;
  for (std::int64_t first = 0; first < pattern.global; first += pattern.tile)
    f(first, std::min(pattern.tile, pattern.global - first));
  const bool beyond = tile >= 0 && pattern.chosen_by(tile) > 0;
  for (std::int64_t key = 0; key < pattern.tiles(); ++key)
    if (tile < 0 || pattern.near(tile, key) ||
        (beyond && within_cut(scores[key], key, kept.cut_scores(sequence)[tile], kept.cut_tiles(sequence)[tile])))
      f(pattern.first(key), pattern.end(key) - pattern.first(key));
}

// [queries, tokens] of one sequence from the first query on, 1 where a query attends to a key: for tests and comparisons,
// from what a forward pass kept.
template <class T>
std::vector<std::uint8_t> attended(const AttentionKept<T>& kept, std::int64_t sequence, std::int64_t first,
                                   std::int64_t queries);

}  // namespace jetpinn
