// Attention of every token to some others, on a host: o_i = sum_j p_ij v_j with p_ij = exp(s_ij - log_sum_i) and
// s_ij = q_i . k_j / sqrt(width), over the keys j that the pattern has for query i (attention_pattern.hpp). No more scores
// than those of two tiles exist at a time: forward, maximum and sum follow the tiles (Milakov and Gimelshein 2018,
// arXiv:1805.02867); in reverse the scores are computed again from log_sum (Dao et al. 2022, arXiv:2205.14135).
//
// Arrays are [sequences, tokens, width]; a sequence is one head of one example. Every sequence is computed by one work item
// in the order of its tiles, so that its bits depend on nothing else. Work of a pair of query and key: 4 * width FLOP
// forward, 10 * width in reverse.
#pragma once

#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/attention_pattern.hpp"

#include <cstdint>

namespace jetpinn {

// Numbers of scratch for either pass, however many sequences there are.
template <class T>
std::int64_t attention_scratch(const AttentionPattern& pattern);

// kept [sequences, AttentionKept<T>::per_sequence(pattern)].
template <class T>
void sparse_attention_forward(Stream stream, const AttentionPattern& pattern, std::int64_t sequences, const T* q, const T* k,
                              const T* v, T* out, T* kept, T* scratch);

template <class T>
struct AttentionAdjoints {
  const T* out;  // given
  T *q, *k, *v;  // computed, whatever was there
};

// q, k, v, out and kept are those of the forward pass. The choice of tiles is a constant.
template <class T>
void sparse_attention_reverse(Stream stream, const AttentionPattern& pattern, std::int64_t sequences, const T* q, const T* k,
                              const T* v, const T* out, const T* kept, const AttentionAdjoints<T>& adjoints, T* scratch);

}  // namespace jetpinn
