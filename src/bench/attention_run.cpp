#include "jetpinn/bench/attention_run.hpp"

#include "jetpinn/base/worst.hpp"
#include "jetpinn/kernels/attention_selection.hpp"
#include "jetpinn/kernels/sparse_attention.hpp"
#include "jetpinn/runtime/torch_attention.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>

namespace jetpinn {
namespace {

constexpr std::int64_t queries_together = 256;  // whole rows of scores at a time, when verified

// The largest difference over the largest of what is exact, or over 1.
template <class T>
double largest_error(const T* got, const std::vector<double>& exact) {
  Worst difference;
  double size = 1;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    difference.take(std::abs(static_cast<double>(got[i]) - exact[i]));
    size = std::max(size, std::abs(exact[i]));
  }
  return difference.value() / size;
}

}  // namespace

template <class T>
AttentionRun<T>::AttentionRun(const AttentionPattern& pattern, std::int64_t sequences)
    : pattern_(pattern), sequences_(sequences), scratch_(static_cast<std::size_t>(attention_scratch<T>(pattern))) {
  std::mt19937 generator(11);
  std::normal_distribution<double> normal;
  const auto numbers = static_cast<std::size_t>(sequences * pattern.tokens * pattern.width);
  for (std::vector<T>* rows : {&q_, &k_, &v_, &bar_}) {
    rows->resize(numbers);
    for (T& x : *rows) x = static_cast<T>(normal(generator));
  }
  for (std::vector<T>* rows : {&out_, &q_bar_, &k_bar_, &v_bar_}) rows->resize(numbers);
  kept_.resize(static_cast<std::size_t>(sequences * AttentionKept<T>::per_sequence(pattern)));
}

template <class T>
void AttentionRun<T>::forward() {
  sparse_attention_forward<T>({}, pattern_, sequences_, q_.data(), k_.data(), v_.data(), out_.data(), kept_.data(),
                              scratch_.data());
}

template <class T>
void AttentionRun<T>::reverse() {
  sparse_attention_reverse<T>({}, pattern_, sequences_, q_.data(), k_.data(), v_.data(), out_.data(), kept_.data(),
                              {bar_.data(), q_bar_.data(), k_bar_.data(), v_bar_.data()}, scratch_.data());
}

template <class T>
std::int64_t AttentionRun<T>::bytes() const {
  return static_cast<std::int64_t>((4 * out_.size() + kept_.size() + scratch_.size()) * sizeof(T));
}

template <class T>
std::int64_t AttentionRun<T>::pairs() const {
  const AttentionKept<T> kept{pattern_, const_cast<T*>(kept_.data())};
  std::int64_t sum = 0;
  std::vector<T> scores(static_cast<std::size_t>(kept.score_row(pattern_)));
  for (std::int64_t s = 0; s < sequences_; ++s) {
    sum += pattern_.global * pattern_.tokens;
    for (std::int64_t tile = 0; tile < pattern_.tiles(); ++tile) {
      score_tiles(kept, s, tile, scores.data());
      for_attended(kept, s, tile, scores.data(),
                   [&](std::int64_t, std::int64_t keys) { sum += keys * (pattern_.end(tile) - pattern_.first(tile)); });
    }
  }
  return sum;
}

template <class T>
double AttentionRun<T>::sequence_error(std::int64_t sequence) const {
  const std::int64_t size = pattern_.tokens * pattern_.width, begin = sequence * size;
  const auto in_fp64 = [&](const std::vector<T>& rows) {
    return std::vector<double>(rows.begin() + begin, rows.begin() + begin + size);
  };
  const std::vector<double> q = in_fp64(q_), k = in_fp64(k_), v = in_fp64(v_), bar = in_fp64(bar_);
  std::vector<double> out(q.size()), q_bar(q.size()), k_bar(q.size()), v_bar(q.size());
  for (std::int64_t first = 0; first < pattern_.tokens; first += queries_together) {
    const std::int64_t queries = std::min(queries_together, pattern_.tokens - first), row = first * pattern_.width;
    const std::vector<std::uint8_t> mask =
        attended(AttentionKept<T>{pattern_, const_cast<T*>(kept_.data())}, sequence, first, queries);
    masked_torch_attention({queries, pattern_.tokens, pattern_.width, mask.data(), q.data() + row, k.data(), v.data(),
                            bar.data() + row, out.data() + row, q_bar.data() + row, k_bar.data(), v_bar.data()});
  }
  Worst worst;
  worst.take(largest_error(out_.data() + begin, out));
  worst.take(largest_error(q_bar_.data() + begin, q_bar));
  worst.take(largest_error(k_bar_.data() + begin, k_bar));
  worst.take(largest_error(v_bar_.data() + begin, v_bar));
  return worst.value();
}

template <class T>
double AttentionRun<T>::error() const {
  Worst worst;
  for (std::int64_t s = 0; s < sequences_; ++s) worst.take(sequence_error(s));
  return worst.value();
}

template <class T>
double AttentionRun<T>::tolerance() const {
  return 8 * std::sqrt(static_cast<double>(4 * pattern_.width + pattern_.tokens)) * std::numeric_limits<T>::epsilon();
}

template class AttentionRun<float>;
template class AttentionRun<double>;

}  // namespace jetpinn
