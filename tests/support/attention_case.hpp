// Attention of some random sequences: inputs, outputs and gradients of the host's kernels.
#pragma once

#include "jetpinn/kernels/attention_selection.hpp"
#include "jetpinn/kernels/sparse_attention.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace jetpinn::test {

struct AttentionShape {
  std::int64_t tokens, width;
  AttentionOptions options;
};

// One token, global ones alone, no whole tile, a tile that one token begins; no choice, a window beyond the sequence, more
// global tokens than a tile has, widths that fill no pack.
inline std::vector<AttentionShape> attention_shapes() {
  return {{1, 5, {}},
          {1, 16, {0, 0, 0}},
          {4, 3, {}},
          {7, 48, {}},
          {37, 17, {}},
          {300, 9, {0, 0, 0}},
          {165, 48, {}},
          {230, 20, {4, 1000, 0.1}},
          {257, 16, {40, 0, 0.2}},
          {301, 33, {3, 10, 0.3}},
          {140, 8, {0, 0, 1}},
          {68, 48, {4, 32, 0.1, 8}},
          {150, 7, {2, 30, 0.2, 20}},
          {400, 24, {4, 32, 0.2, 64}}};
}

template <class T>
struct AttentionCase {
  AttentionPattern pattern;
  std::int64_t sequences;
  std::vector<T> q, k, v, bar;  // bar: adjoints of the outputs
  std::vector<T> out, kept, q_bar, k_bar, v_bar;

  AttentionCase(const AttentionPattern& of, std::int64_t count) : pattern(of), sequences(count) {
    std::mt19937 generator(5);
    std::normal_distribution<double> normal;
    for (std::vector<T>* rows : {&q, &k, &v, &bar}) {
      rows->resize(static_cast<std::size_t>(sequences * size()));
      for (T& x : *rows) x = static_cast<T>(normal(generator));
    }
  }
  AttentionCase(const AttentionShape& shape, std::int64_t count)
      : AttentionCase(attention_pattern(shape.tokens, shape.width, shape.options), count) {}

  std::int64_t size() const { return pattern.tokens * pattern.width; }  // of one sequence

  void forward() {
    std::vector<T> scratch(static_cast<std::size_t>(attention_scratch<T>(pattern)), T(7));
    out.assign(q.size(), T(7));
    kept.assign(static_cast<std::size_t>(sequences * AttentionKept<T>::per_sequence(pattern)), T(7));
    sparse_attention_forward<T>({}, pattern, sequences, q.data(), k.data(), v.data(), out.data(), kept.data(),
                                scratch.data());
  }
  void reverse() {
    std::vector<T> scratch(static_cast<std::size_t>(attention_scratch<T>(pattern)), T(7));
    for (std::vector<T>* rows : {&q_bar, &k_bar, &v_bar}) rows->assign(q.size(), T(7));
    sparse_attention_reverse<T>({}, pattern, sequences, q.data(), k.data(), v.data(), out.data(), kept.data(),
                                {bar.data(), q_bar.data(), k_bar.data(), v_bar.data()}, scratch.data());
  }
  AttentionKept<T> keep() { return {pattern, kept.data()}; }
  std::vector<std::uint8_t> mask(std::int64_t sequence) { return attended(keep(), sequence, 0, pattern.tokens); }
};

}  // namespace jetpinn::test
