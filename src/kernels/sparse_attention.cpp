#include "jetpinn/kernels/sparse_attention.hpp"

#include "jetpinn/kernels/attention_tile.hpp"

#include <limits>

namespace jetpinn {
namespace {

// Scores [keys, lanes] become exp(s - m) with m the largest score so far; sums and outputs so far are to be multiplied by
// factors = exp(m_before - m), the sums here.
template <class T>
void follow_softmax(std::int64_t keys, const AttentionScratch<T>& s) {
  for (std::int64_t lane = 0; lane < s.lanes; lane += pack_lanes<T>) {
    T* scores = s.weights + lane;
    const Pack<T> before = load<T>(s.largest + lane);
    Pack<T> largest = before;
    for (std::int64_t j = 0; j < keys; ++j) {
      const Pack<T> score = load<T>(scores + j * s.lanes);
      largest = score > largest ? score : largest;
    }
    const Pack<T> factor = pack_exp<T>(before - largest);
    Pack<T> sum = load<T>(s.sums + lane) * factor;
    for (std::int64_t j = 0; j < keys; ++j) {
      const Pack<T> weight = pack_exp<T>(load<T>(scores + j * s.lanes) - largest);
      store<T>(scores + j * s.lanes, weight);
      sum += weight;
    }
    store<T>(s.largest + lane, largest);
    store<T>(s.factors + lane, factor);
    store<T>(s.sums + lane, sum);
  }
}

template <class T>
void write_outputs(const QueryTile& at, std::int64_t width, const AttentionScratch<T>& s, T* out, T* log_sums) {
  for (std::int64_t i = 0; i < at.count; ++i) {
    log_sums[at.first + i] = s.largest[i] + std::log(s.sums[i]);
    const T share = T(1) / s.sums[i];
    T* row = out + (at.first + i) * width;
    for (std::int64_t c = 0; c < width; ++c) row[c] = s.o_columns[c * s.lanes + i] * share;
  }
}

}  // namespace

template <class T>
std::int64_t attention_scratch(const AttentionPattern& pattern) {
  return AttentionScratch<T>::numbers(pattern) * Kokkos::DefaultHostExecutionSpace().concurrency();
}

template <class T>
void sparse_attention_forward(Stream, const AttentionPattern& pattern, std::int64_t sequences, const T* q, const T* k,
                              const T* v, T* out, T* kept, T* scratch) {
  const AttentionKept<T> keep{pattern, kept};
  const std::int64_t width = pattern.width, size = pattern.tokens * width;
  over_sequences("jetpinn::sparse_attention_forward", pattern, sequences, scratch,
                 [=](std::int64_t n, const AttentionScratch<T>& s) {
                   const T *queries = q + n * size, *keys = k + n * size, *values = v + n * size;
                   if (pattern.chosen > 0) mean_tiles(keep, n, queries, keys);
                   for_query_tiles(pattern, [&](const QueryTile& at) {
                     to_columns(queries + at.first * width, at.count, width, score_scale<T>(pattern), s.lanes, s.q_columns);
                     std::fill_n(s.o_columns, width * s.lanes, T(0));
                     std::fill_n(s.largest, s.lanes, std::numeric_limits<T>::lowest());
                     std::fill_n(s.sums, s.lanes, T(0));
                     if (at.tile >= 0 && pattern.chosen_by(at.tile) > 0) {
                       score_tiles(keep, n, at.tile, s.scores);
                       choose_tiles(keep, n, at.tile, s.scores, s.sorted);
                     }
                     for_attended(keep, n, at.tile, s.scores, [&](std::int64_t first, std::int64_t count) {
                       multiply_rows(keys + first * width, count, width, s.q_columns, s.lanes, s.weights);
                       follow_softmax(count, s);
                       gather_columns<TileStart::scaled>(values + first * width, count, width, s.weights, s.factors, s.lanes,
                                                         s.o_columns);
                     });
                     write_outputs(at, width, s, out + n * size, keep.log_sums(n));
                   });
                 });
}

#define JETPINN_INSTANTIATE(T)                                                                                           \
  template std::int64_t attention_scratch<T>(const AttentionPattern&);                                                   \
  template void sparse_attention_forward<T>(Stream, const AttentionPattern&, std::int64_t, const T*, const T*, const T*, \
                                            T*, T*, T*);
JETPINN_INSTANTIATE(float)
JETPINN_INSTANTIATE(double)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
