#include "jetpinn/kernels/attention_selection.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>

namespace jetpinn {

template <class T>
void mean_tiles(const AttentionKept<T>& kept, std::int64_t sequence, const T* q, const T* k) {
  const AttentionPattern& pattern = kept.pattern;
  const std::int64_t width = pattern.width, row = kept.score_row(pattern);
  T *queries = kept.query_means(sequence), *keys = kept.key_means(sequence);
  for (std::int64_t c = 0; c < width; ++c) std::fill(keys + c * row + pattern.tiles(), keys + (c + 1) * row, T(0));
  for (std::int64_t tile = 0; tile < pattern.tiles(); ++tile) {
    const std::int64_t first = pattern.first(tile), end = pattern.end(tile);
    const T share = T(1) / static_cast<T>(end - first);
    T* mean = queries + tile * width;
    // The row of the mean query holds the sums of the keys until it is its turn.
    for (const T* from : {k, q}) {
      std::fill_n(mean, width, T(0));
      for (std::int64_t i = first; i < end; ++i)
        for (std::int64_t c = 0; c < width; ++c) mean[c] += from[i * width + c];
      for (std::int64_t c = 0; c < width; ++c) mean[c] *= share;
      if (from == k)
        for (std::int64_t c = 0; c < width; ++c) keys[c * row + tile] = mean[c];
    }
  }
}

template <class T>
void score_tiles(const AttentionKept<T>& kept, std::int64_t sequence, std::int64_t tile, T* scores) {
  const std::int64_t width = kept.pattern.width, row = kept.score_row(kept.pattern);
  const T *query = kept.query_means(sequence) + tile * width, *keys = kept.key_means(sequence);
  std::fill_n(scores, row, T(0));
  for (std::int64_t c = 0; c < width; ++c)
    for (std::int64_t u = 0; u < row; ++u) scores[u] = std::fma(query[c], keys[c * row + u], scores[u]);
  for (std::int64_t u = 0; u < row; ++u)
    scores[u] = scores[u] == scores[u] ? scores[u] : -std::numeric_limits<T>::infinity();
}

template <class T>
void choose_tiles(const AttentionKept<T>& kept, std::int64_t sequence, std::int64_t tile, const T* scores, T* sorted) {
  const AttentionPattern& pattern = kept.pattern;
  const std::int64_t chosen = pattern.chosen_by(tile);
  if (chosen == 0) return;
  std::int64_t count = 0;
  for (std::int64_t key = 0; key < pattern.tiles(); ++key)
    if (!pattern.near(tile, key)) sorted[count++] = scores[key];
  std::nth_element(sorted, sorted + chosen - 1, sorted + count, std::greater<T>());
  const T cut = sorted[chosen - 1];
  // Those before it in the order are not below it; of those that equal it the first ones are left.
  std::int64_t equal = chosen - std::count_if(sorted, sorted + chosen, [cut](T score) { return score > cut; });
  std::int64_t last = 0;
  for (std::int64_t key = 0; equal > 0; ++key)
    if (!pattern.near(tile, key) && scores[key] == cut) last = key, --equal;
  kept.cut_scores(sequence)[tile] = cut;
  kept.cut_tiles(sequence)[tile] = static_cast<T>(last);
}

template <class T>
std::vector<std::uint8_t> attended(const AttentionKept<T>& kept, std::int64_t sequence, std::int64_t first,
                                   std::int64_t queries) {
  const AttentionPattern& pattern = kept.pattern;
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(queries * pattern.tokens));
  std::vector<T> scores(static_cast<std::size_t>(kept.score_row(pattern)));
  for (std::int64_t query = first; query < first + queries; ++query) {
    const std::int64_t tile = query < pattern.global ? -1 : pattern.tile_of(query);
    if (tile >= 0) score_tiles(kept, sequence, tile, scores.data());
    for_attended(kept, sequence, tile, scores.data(), [&](std::int64_t key, std::int64_t count) {
      std::fill_n(mask.begin() + (query - first) * pattern.tokens + key, count, std::uint8_t{1});
    });
  }
  return mask;
}

#define JETPINN_INSTANTIATE(T)                                                                      \
  template void mean_tiles<T>(const AttentionKept<T>&, std::int64_t, const T*, const T*);           \
  template void score_tiles<T>(const AttentionKept<T>&, std::int64_t, std::int64_t, T*);            \
  template void choose_tiles<T>(const AttentionKept<T>&, std::int64_t, std::int64_t, const T*, T*); \
  template std::vector<std::uint8_t> attended<T>(const AttentionKept<T>&, std::int64_t, std::int64_t, std::int64_t);
JETPINN_INSTANTIATE(float)
JETPINN_INSTANTIATE(double)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
