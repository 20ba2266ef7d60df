// Which keys a query of the sparse attention attends to (docs/attention.md). The first tokens of a sequence are global: they
// attend to every token, and every token attends to them. The others lie in tiles in their order, and what one token of a
// tile attends to all of its tokens do: the tiles nearby, and of those beyond the ones with the highest scores.
#pragma once

#include <Kokkos_Macros.hpp>

#include <cstdint>

namespace jetpinn {

inline constexpr std::int64_t largest_tile = 64;  // tokens

struct AttentionOptions {
  std::int64_t global = 4;   // tokens; all of them where a sequence has fewer
  std::int64_t window = 32;  // tokens around a query that it surely sees, half of them to either side
  double ratio = 0.1;        // of the tiles, rounded up: so many are chosen by score, in [0, 1]
  std::int64_t tile = 32;    // tokens of a tile; 32 is fast, fewer let a short sequence be sparse
};

struct AttentionPattern {
  std::int64_t tokens = 0, width = 0;  // of a sequence; of a query, a key and a value
  std::int64_t tile = 0;               // tokens
  std::int64_t global = 0;             // the first tokens
  std::int64_t reach = 0;              // tiles to either side that are attended to without a score
  std::int64_t chosen = 0;             // tiles beyond, or all of them where fewer are left

  KOKKOS_FUNCTION constexpr std::int64_t tiles() const { return (tokens - global + tile - 1) / tile; }
  KOKKOS_FUNCTION constexpr std::int64_t first(std::int64_t index) const { return global + index * tile; }
  KOKKOS_FUNCTION constexpr std::int64_t end(std::int64_t index) const {
    return first(index + 1) < tokens ? first(index + 1) : tokens;
  }
  KOKKOS_FUNCTION constexpr std::int64_t tile_of(std::int64_t token) const { return (token - global) / tile; }
  KOKKOS_FUNCTION constexpr bool near(std::int64_t query_tile, std::int64_t key_tile) const {
    return query_tile - key_tile <= reach && key_tile - query_tile <= reach;
  }
  // Of the tiles beyond the window of this one, how many are attended to.
  KOKKOS_FUNCTION constexpr std::int64_t chosen_by(std::int64_t index) const {
    const std::int64_t low = index > reach ? index - reach : 0, last = tiles() - 1;
    const std::int64_t high = index + reach < last ? index + reach : last, beyond = last - (high - low);
    return chosen < beyond ? chosen : beyond;
  }
};

// Throws Error (internal) where a number is not possible.
AttentionPattern attention_pattern(std::int64_t tokens, std::int64_t width, const AttentionOptions& options);

// Every token attends to every token.
AttentionPattern dense_pattern(std::int64_t tokens, std::int64_t width);

// What the forward pass leaves to the reverse one: numbers of one sequence, linear in its tokens. A tile's cut is the last
// of its chosen tiles: a key tile is chosen where it has a higher score, or the same one and no higher index.
template <class T>
struct AttentionKept {
  AttentionPattern pattern;
  T* numbers;  // [sequences, per_sequence(pattern)]

  static constexpr std::int64_t line = 16;  // rows of the key means begin at a multiple of this
  KOKKOS_FUNCTION static constexpr std::int64_t score_row(const AttentionPattern& pattern) {
    return (pattern.tiles() + line - 1) / line * line;
  }
  KOKKOS_FUNCTION static constexpr std::int64_t per_sequence(const AttentionPattern& pattern) {
    return pattern.tokens + pattern.width * (pattern.tiles() + score_row(pattern)) + 2 * pattern.tiles();
  }
  // [tokens] log of the sum of exp of the query's scores.
  KOKKOS_FUNCTION T* log_sums(std::int64_t sequence) const { return numbers + sequence * per_sequence(pattern); }
  // [tiles, width] mean queries of tiles.
  KOKKOS_FUNCTION T* query_means(std::int64_t sequence) const { return log_sums(sequence) + pattern.tokens; }
  // [width, score_row] mean keys of tiles.
  KOKKOS_FUNCTION T* key_means(std::int64_t sequence) const {
    return query_means(sequence) + pattern.width * pattern.tiles();
  }
  // [tiles] score of the cut, and its index, a whole number.
  KOKKOS_FUNCTION T* cut_scores(std::int64_t sequence) const {
    return key_means(sequence) + pattern.width * score_row(pattern);
  }
  KOKKOS_FUNCTION T* cut_tiles(std::int64_t sequence) const { return cut_scores(sequence) + pattern.tiles(); }
};

// Whether a tile beyond the window is chosen.
template <class T>
KOKKOS_FUNCTION bool within_cut(T score, std::int64_t tile, T cut_score, T cut_tile) {
  return score > cut_score || (score == cut_score && static_cast<T>(tile) <= cut_tile);
}

}  // namespace jetpinn
