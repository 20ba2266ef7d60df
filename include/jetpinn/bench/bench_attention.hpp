// The sparse attention against LibTorch's attention of all tokens to all, forward and reverse, over the length of a
// sequence: time, memory, and from which length on it pays.
#pragma once

#include "jetpinn/base/types.hpp"
#include "jetpinn/bench/bench_report.hpp"
#include "jetpinn/kernels/attention_pattern.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

struct BenchAttentionOptions {
  std::int64_t heads = 4, width = 48;  // of a head: sparse_vit's
  AttentionOptions attention;
  std::vector<std::int64_t> tokens{64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384};
  Precision precision = Precision::fp32;
  double peak_flops = 0;  // of one core in this precision; 0: not known
  double seconds = 0.5;   // of each length, at least ...
  int rounds = 3;         // ... and at least so many, in which both take their turn
};

// On rank 0, on one core, while the others wait. Each length is verified: outputs and gradients against LibTorch's products,
// softmax and autograd in fp64 on whole rows of scores, masked by the same pattern. Collective.
BenchReport bench_attention(Communicator& communicator, const BenchAttentionOptions& options);

}  // namespace jetpinn
