// What a thread of a device does in the sparse attention (formulas: sparse_attention.hpp). A thread has one query or one key
// and goes through its counterparts in their order; no scores are kept, and nothing is added by two threads.
#pragma once

#include "jetpinn/kernels/attention_pattern.hpp"
#include "jetpinn/kernels/pack_math.hpp"

#include <Kokkos_Macros.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace jetpinn {

// Arrays of all sequences. Block -1 of a sequence are its global tokens, block t >= 0 is tile t.
template <class T>
struct AttentionArrays {
  AttentionKept<T> kept;
  const T *q, *k, *v;
  T scale;  // of scores

  static constexpr T lowest = std::numeric_limits<T>::lowest(), below_all = -std::numeric_limits<T>::infinity();

  KOKKOS_FUNCTION const AttentionPattern& pattern() const { return kept.pattern; }
  KOKKOS_FUNCTION std::int64_t begin(std::int64_t block) const { return block < 0 ? 0 : pattern().first(block); }
  KOKKOS_FUNCTION std::int64_t end(std::int64_t block) const { return block < 0 ? pattern().global : pattern().end(block); }
  KOKKOS_FUNCTION std::int64_t block_of(std::int64_t token) const {
    return token < pattern().global ? -1 : pattern().tile_of(token);
  }
  // Place of a token's row in arrays of rows.
  KOKKOS_FUNCTION std::int64_t row(std::int64_t sequence, std::int64_t token) const {
    return (sequence * pattern().tokens + token) * pattern().width;
  }
  KOKKOS_FUNCTION T product(const T* a, const T* b) const {
    T sum = 0;
    for (std::int64_t c = 0; c < pattern().width; ++c) sum += a[c] * b[c];
    return sum;
  }
  // Of two tiles, as score_tiles has it; a NaN is the lowest of all, and there is one zero.
  KOKKOS_FUNCTION T tile_score(std::int64_t sequence, std::int64_t query_tile, std::int64_t key_tile) const {
    const std::int64_t width = pattern().width, step = kept.score_row(pattern());
    const T *query = kept.query_means(sequence) + query_tile * width, *key = kept.key_means(sequence) + key_tile;
    T score = 0;
    for (std::int64_t c = 0; c < width; ++c) score = std::fma(query[c], key[c * step], score);
    return score == score ? score + T(0) : below_all;
  }
  KOKKOS_FUNCTION bool attends(std::int64_t sequence, std::int64_t query_block, std::int64_t key_block) const {
    if (query_block < 0 || key_block < 0 || pattern().near(query_block, key_block)) return true;
    return pattern().chosen_by(query_block) > 0 &&
           within_cut(tile_score(sequence, query_block, key_block), key_block, kept.cut_scores(sequence)[query_block],
                      kept.cut_tiles(sequence)[query_block]);
  }
};

// Item (sequence * tiles + tile) * width + c: mean query and mean key of a tile in column c.
template <class T>
struct AttentionMeanItem {
  AttentionArrays<T> of;
  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const AttentionPattern& pattern = of.pattern();
    const std::int64_t c = item % pattern.width, tile = item / pattern.width % pattern.tiles(),
                       sequence = item / pattern.width / pattern.tiles();
    T query = 0, key = 0;
    for (std::int64_t i = pattern.first(tile); i < pattern.end(tile); ++i) {
      query += of.q[of.row(sequence, i) + c];
      key += of.k[of.row(sequence, i) + c];
    }
    const T share = T(1) / static_cast<T>(pattern.end(tile) - pattern.first(tile));
    of.kept.query_means(sequence)[tile * pattern.width + c] = query * share;
    of.kept.key_means(sequence)[c * of.kept.score_row(pattern) + tile] = key * share;
  }
};

// Item sequence * tiles + tile: the cut of a tile of queries. A thread has no memory for scores to sort: it finds the score
// of the last chosen tile bit by bit, counting the scores that are not below, and then the index.
template <class T>
struct AttentionCutItem {
  AttentionArrays<T> of;
  using Bits = std::make_unsigned_t<BitsOf<T>>;
  static constexpr int sign = 8 * static_cast<int>(sizeof(T)) - 1;

  // Rises with the number.
  KOKKOS_FUNCTION static Bits ordered(T value) {
    const Bits bits = bit_cast_pack<Bits>(value);
    return bits >> sign ? ~bits : bits | Bits(1) << sign;
  }
  // Tiles beyond the window whose score is at least that.
  KOKKOS_FUNCTION std::int64_t count(std::int64_t sequence, std::int64_t tile, Bits least) const {
    std::int64_t sum = 0;
    for (std::int64_t key = 0; key < of.pattern().tiles(); ++key)
      if (!of.pattern().near(tile, key) && ordered(of.tile_score(sequence, tile, key)) >= least) ++sum;
    return sum;
  }
  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const AttentionPattern& pattern = of.pattern();
    const std::int64_t tile = item % pattern.tiles(), sequence = item / pattern.tiles(), chosen = pattern.chosen_by(tile);
    if (chosen == 0) return;
    Bits cut = 0;
    for (int bit = sign; bit >= 0; --bit)
      if (count(sequence, tile, cut | Bits(1) << bit) >= chosen) cut |= Bits(1) << bit;
    std::int64_t left = chosen - count(sequence, tile, cut + 1);
    for (std::int64_t key = 0; left > 0 && key < pattern.tiles(); ++key) {
      const T score = of.tile_score(sequence, tile, key);
      if (pattern.near(tile, key) || ordered(score) != cut) continue;
      --left;
      of.kept.cut_scores(sequence)[tile] = score;
      of.kept.cut_tiles(sequence)[tile] = static_cast<T>(key);
    }
  }
};

// Item sequence * tokens + i: output and log_sum of query i; the output's row holds the sums meanwhile.
template <class T>
struct AttentionForwardItem {
  AttentionArrays<T> of;
  T* out;
  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t width = of.pattern().width, i = item % of.pattern().tokens, sequence = item / of.pattern().tokens;
    T *o = out + item * width, largest = AttentionArrays<T>::lowest, sum = 0;
    for (std::int64_t c = 0; c < width; ++c) o[c] = 0;
    for (std::int64_t block = -1; block < of.pattern().tiles(); ++block) {
      if (!of.attends(sequence, of.block_of(i), block)) continue;
      for (std::int64_t j = of.begin(block); j < of.end(block); ++j) {
        const T* value = of.v + of.row(sequence, j);
        const T score = of.scale * of.product(of.q + item * width, of.k + of.row(sequence, j));
        const T most = score > largest ? score : largest;
        const T factor = pack_exp<T>(largest - most), weight = pack_exp<T>(score - most);
        largest = most;
        sum = sum * factor + weight;
        for (std::int64_t c = 0; c < width; ++c) o[c] = o[c] * factor + weight * value[c];
      }
    }
    for (std::int64_t c = 0; c < width; ++c) o[c] /= sum;
    of.kept.log_sums(sequence)[i] = largest + std::log(sum);
  }
};

// Item sequence * tokens + i: o_i . ō_i.
template <class T>
struct AttentionSumItem {
  AttentionArrays<T> of;
  const T *out, *bar;
  T* sums;
  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    sums[item] = of.product(out + item * of.pattern().width, bar + item * of.pattern().width);
  }
};

// p of a query and a key, and the adjoint of their score.
template <class T>
struct AttentionSlopes {
  AttentionArrays<T> of;
  const T *bar, *sums;
  struct Pair {
    T p, slope;
  };
  KOKKOS_FUNCTION Pair at(std::int64_t sequence, std::int64_t i, std::int64_t j) const {
    const std::int64_t query = of.row(sequence, i), key = of.row(sequence, j);
    const T p = pack_exp<T>(of.scale * of.product(of.q + query, of.k + key) - of.kept.log_sums(sequence)[i]);
    return {p, p * (of.product(bar + query, of.v + key) - sums[sequence * of.pattern().tokens + i])};
  }
};

// Item sequence * tokens + i: the adjoint of query i.
template <class T>
struct AttentionQueryItem {
  AttentionSlopes<T> slopes;
  T* q_bar;
  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const AttentionArrays<T>& of = slopes.of;
    const std::int64_t width = of.pattern().width, i = item % of.pattern().tokens, sequence = item / of.pattern().tokens;
    T* to = q_bar + item * width;
    for (std::int64_t c = 0; c < width; ++c) to[c] = 0;
    for (std::int64_t block = -1; block < of.pattern().tiles(); ++block) {
      if (!of.attends(sequence, of.block_of(i), block)) continue;
      for (std::int64_t j = of.begin(block); j < of.end(block); ++j) {
        const T slope = of.scale * slopes.at(sequence, i, j).slope;
        for (std::int64_t c = 0; c < width; ++c) to[c] += slope * of.k[of.row(sequence, j) + c];
      }
    }
  }
};

// Item sequence * tokens + j: the adjoints of key j and of its value.
template <class T>
struct AttentionKeyItem {
  AttentionSlopes<T> slopes;
  T *k_bar, *v_bar;
  KOKKOS_FUNCTION void operator()(std::int64_t item) const {
    const AttentionArrays<T>& of = slopes.of;
    const std::int64_t width = of.pattern().width, j = item % of.pattern().tokens, sequence = item / of.pattern().tokens;
    T *key = k_bar + item * width, *value = v_bar + item * width;
    for (std::int64_t c = 0; c < width; ++c) key[c] = value[c] = 0;
    for (std::int64_t block = -1; block < of.pattern().tiles(); ++block) {
      if (!of.attends(sequence, block, of.block_of(j))) continue;
      for (std::int64_t i = of.begin(block); i < of.end(block); ++i) {
        const typename AttentionSlopes<T>::Pair pair = slopes.at(sequence, i, j);
        const T slope = of.scale * pair.slope;
        const std::int64_t row = of.row(sequence, i);
        for (std::int64_t c = 0; c < width; ++c) {
          key[c] += slope * of.q[row + c];
          value[c] += pair.p * slopes.bar[row + c];
        }
      }
    }
  }
};

}  // namespace jetpinn
