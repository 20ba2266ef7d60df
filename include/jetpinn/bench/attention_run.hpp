// Attention of some random sequences, as a benchmark times and verifies it.
#pragma once

#include "jetpinn/kernels/attention_pattern.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

template <class T>
class AttentionRun {
 public:
  // Inputs are normally distributed.
  AttentionRun(const AttentionPattern& pattern, std::int64_t sequences);

  void forward();
  void reverse();              // behind forward
  std::int64_t bytes() const;  // of results, what is kept between the two, and scratch
  std::int64_t pairs() const;  // of queries and keys that attend, behind forward

  // The largest error of outputs and gradients, each relative to the largest of its kind or to 1, behind reverse: against
  // masked_torch_attention. Loads LibTorch.
  double error() const;
  // Of such an error: a score adds up width products, an output as many weights as there are tokens; their roundings have
  // either sign, so that they grow with the root of their number.
  double tolerance() const;

  const AttentionPattern& pattern() const { return pattern_; }
  std::int64_t sequences() const { return sequences_; }
  const T* q() const { return q_.data(); }
  const T* k() const { return k_.data(); }
  const T* v() const { return v_.data(); }
  const T* bar() const { return bar_.data(); }

 private:
  double sequence_error(std::int64_t sequence) const;

  AttentionPattern pattern_;
  std::int64_t sequences_;
  std::vector<T> q_, k_, v_, bar_, out_, kept_, scratch_, q_bar_, k_bar_, v_bar_;
};

}  // namespace jetpinn
