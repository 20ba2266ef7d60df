#include "jetpinn/kernels/attention_tile.hpp"
#include "jetpinn/kernels/sparse_attention.hpp"

namespace jetpinn {
namespace {

// Of a tile of queries: sums = o_i . ō_i, which is the sum of p_ij p̄_ij; largest = log_sum.
template <class T>
void begin_reverse(const QueryTile& at, std::int64_t width, const T* out, const T* bar, const T* log_sums,
                   const AttentionScratch<T>& s) {
  std::fill_n(s.sums, s.lanes, T(0));
  std::fill_n(s.largest, s.lanes, T(0));
  std::fill_n(s.o_columns, width * s.lanes, T(0));
  for (std::int64_t i = 0; i < at.count; ++i) {
    const T *o = out + (at.first + i) * width, *o_bar = bar + (at.first + i) * width;
    for (std::int64_t c = 0; c < width; ++c) s.sums[i] += o[c] * o_bar[c];
    s.largest[i] = log_sums[at.first + i];
  }
}

// weights: from scores to p = exp(s - log_sum); slopes: from p̄ to s̄ = p (p̄ - sum_j p_ij p̄_ij).
template <class T>
void adjoints_of_scores(std::int64_t keys, const AttentionScratch<T>& s) {
  for (std::int64_t lane = 0; lane < s.lanes; lane += pack_lanes<T>) {
    const Pack<T> log_sum = load<T>(s.largest + lane), sum = load<T>(s.sums + lane);
    for (std::int64_t at = lane; at < keys * s.lanes; at += s.lanes) {
      const Pack<T> p = pack_exp<T>(load<T>(s.weights + at) - log_sum);
      store<T>(s.weights + at, p);
      store<T>(s.slopes + at, p * (load<T>(s.slopes + at) - sum));
    }
  }
}

}  // namespace

template <class T>
void sparse_attention_reverse(Stream, const AttentionPattern& pattern, std::int64_t sequences, const T* q, const T* k,
                              const T* v, const T* out, const T* kept, const AttentionAdjoints<T>& adjoints, T* scratch) {
  const AttentionKept<T> keep{pattern, const_cast<T*>(kept)};  // read only
  const std::int64_t width = pattern.width, size = pattern.tokens * width;
  const T scale = score_scale<T>(pattern);
  over_sequences("jetpinn::sparse_attention_reverse", pattern, sequences, scratch,
                 [=](std::int64_t n, const AttentionScratch<T>& s) {
                   const T *keys = k + n * size, *values = v + n * size, *bars = adjoints.out + n * size;
                   T *k_bar = adjoints.k + n * size, *v_bar = adjoints.v + n * size;
                   std::fill_n(k_bar, size, T(0));
                   std::fill_n(v_bar, size, T(0));
                   for_query_tiles(pattern, [&](const QueryTile& at) {
                     const T *queries = q + n * size + at.first * width, *bar = bars + at.first * width;
                     begin_reverse(at, width, out + n * size, bars, keep.log_sums(n), s);
                     to_columns(queries, at.count, width, scale, s.lanes, s.q_columns);
                     to_columns(bar, at.count, width, T(1), s.lanes, s.bar_columns);
                     to_padded(queries, at.count, width, scale, s.q_rows);
                     to_padded(bar, at.count, width, T(1), s.bar_rows);
                     if (at.tile >= 0 && pattern.chosen_by(at.tile) > 0) score_tiles(keep, n, at.tile, s.scores);
                     for_attended(keep, n, at.tile, s.scores, [&](std::int64_t first, std::int64_t count) {
                       const std::int64_t here = first * width;
                       multiply_rows(keys + here, count, width, s.q_columns, s.lanes, s.weights);
                       multiply_rows(values + here, count, width, s.bar_columns, s.lanes, s.slopes);
                       adjoints_of_scores(count, s);
                       gather_rows(s.weights, count, at.count, s.lanes, s.bar_rows, width, v_bar + here);
                       gather_rows(s.slopes, count, at.count, s.lanes, s.q_rows, width, k_bar + here);
                       gather_columns<TileStart::add>(keys + here, count, width, s.slopes, static_cast<const T*>(nullptr),
                                                      s.lanes, s.o_columns);
                     });
                     T* q_bar = adjoints.q + n * size + at.first * width;
                     for (std::int64_t i = 0; i < at.count; ++i)
                       for (std::int64_t c = 0; c < width; ++c) q_bar[i * width + c] = scale * s.o_columns[c * s.lanes + i];
                   });
                 });
}

#define JETPINN_INSTANTIATE(T)                                                                                           \
  template void sparse_attention_reverse<T>(Stream, const AttentionPattern&, std::int64_t, const T*, const T*, const T*, \
                                            const T*, const T*, const AttentionAdjoints<T>&, T*);
JETPINN_INSTANTIATE(float)
JETPINN_INSTANTIATE(double)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
