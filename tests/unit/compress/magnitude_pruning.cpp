#include "jetpinn/compress/magnitude_pruning.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace jetpinn {
namespace {

StackLayer whole_layer(std::int64_t inputs, std::int64_t outputs, double scale) {
  StackLayer layer;
  layer.pattern.inputs = inputs;
  layer.pattern.outputs = outputs;
  layer.pattern.kept.resize(static_cast<std::size_t>(inputs * outputs));
  std::iota(layer.pattern.kept.begin(), layer.pattern.kept.end(), std::int64_t{0});
  for (std::int64_t k = 0; k < inputs * outputs; ++k) layer.kept.push_back(scale * std::sin(1 + 7 * static_cast<double>(k)));
  layer.bias.assign(static_cast<std::size_t>(outputs), 0.0);
  return layer;
}

TEST(MagnitudePruning, LeavesOutTheSmallestOfAllMatrices) {
  WeightStack stack;
  stack.layers = {whole_layer(4, 10, 1), whole_layer(10, 3, 2)};
  const WeightStack before = stack;
  prune_by_magnitude(stack, 0.5);
  EXPECT_EQ(stack.kept(), 35);
  double smallest_kept = 1e9, largest_left_out = 0;
  for (std::size_t l = 0; l < stack.layers.size(); ++l) {
    std::vector<double> whole = stack.layers[l].whole(), all = before.layers[l].whole();
    for (std::size_t k = 0; k < whole.size(); ++k) {
      const bool kept = whole[k] != 0;
      EXPECT_EQ(whole[k], kept ? all[k] : 0.0);
      double& bound = kept ? smallest_kept : largest_left_out;
      bound = kept ? std::min(bound, std::abs(all[k])) : std::max(bound, std::abs(all[k]));
    }
  }
  EXPECT_GE(smallest_kept, largest_left_out);
}

TEST(MagnitudePruning, NoLayerVanishes) {
  WeightStack stack;
  stack.layers = {whole_layer(20, 20, 1), whole_layer(20, 20, 1e-9), whole_layer(20, 1, 1e-9)};
  prune_by_magnitude(stack, 0.9);
  EXPECT_EQ(stack.kept(), 82);                 // of 820
  EXPECT_EQ(stack.layers[1].kept.size(), 8u);  // 2 % of 400
  EXPECT_EQ(stack.layers[2].kept.size(), 1u);
}

TEST(MagnitudePruning, TheShareRisesByACubic) {
  EXPECT_EQ(sparsity_after(4, 4, 0.1, 0.75), 0.75);
  EXPECT_DOUBLE_EQ(sparsity_after(1, 4, 0, 0.8), 0.8 * (1 - 27.0 / 64));
  EXPECT_EQ(sparsity_after(0, 4, 0.1, 0.75), 0.75 + (0.1 - 0.75));
}

}  // namespace
}  // namespace jetpinn
