// How fast a sparse network is against the same one with whole matrices, which our own dense paths and LibTorch's product
// evaluate, and against torch.sparse and code that libxsmm generates for the patterns: measured side by side in one process,
// on one core.
#pragma once

#include "jetpinn/compress/weight_stack.hpp"
#include "jetpinn/study/sample_spread.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct SparseSpeedOptions {
  std::vector<std::int64_t> batches{1, 32, 1242, 100000};
  double seconds = 0.5;  // of each batch, at least ...
  int rounds = 3;        // ... and at least so many, in which every path takes its turn
};

// One batch of points. Ratios are of the times of one round.
struct SpeedAtBatch {
  std::int64_t batch = 0;
  SampleSpread sparse_s;
  std::string dense_path;  // our faster one: "tiles" or "rows"
  SampleSpread dense_s, over_dense;
  SampleSpread libtorch_s, over_libtorch;          // of no samples where LibTorch cannot be loaded
  SampleSpread torch_sparse_s, over_torch_sparse;  // the same
  SampleSpread libxsmm_s, over_libxsmm;            // of no samples where libxsmm refuses a layer
};

struct SparseSpeed {
  std::vector<SpeedAtBatch> batches;
  std::string no_libtorch;      // why LibTorch was not measured; empty: it was
  std::string no_torch_sparse;  // the same for its sparse matrices
  std::string no_libxsmm;       // the same for libxsmm's
  // Of the outputs at random inputs in [-1, 1], against our rows of whole matrices; NaN where one of them is.
  std::int64_t points = 0;
  double max_difference = 0, mean_difference = 0, largest_output = 0;
  double torch_sparse_difference = 0;  // the largest from what torch.sparse gives there, where it was measured
  double libxsmm_difference = 0;       // the same for libxsmm
  double rounding_share = 0;  // of the sparse network (compress/rounding_share.hpp)
};

// Throws Error (usage) where a sum at one of these inputs is no finite number in the stack's precision. `source` is the file
// of the weights, of which the message names the first ones with such a sum, and the output where it is one.
void require_finite_sums(const WeightStack& stack, const std::string& source);

// formats: [layers] of the sparse network.
template <class T>
SparseSpeed measure_sparse_speed(const WeightStack& stack, const std::vector<std::string>& formats,
                                 const SparseSpeedOptions& options);

}  // namespace jetpinn
