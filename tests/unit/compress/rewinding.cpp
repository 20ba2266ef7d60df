#include "jetpinn/compress/rewinding.hpp"

#include "jetpinn/compress/magnitude_pruning.hpp"
#include "support/stack_case.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace jetpinn {
namespace {

// Of the trained weights the largest are kept, and they begin with what they were; the network was sparse before.
TEST(Rewinding, KeptWeightsAreThoseOfEarlier) {
  WeightStack stack = test::small_stack(), earlier = stack;
  for (StackLayer& layer : earlier.layers) {
    for (double& weight : layer.kept) weight = 100 + weight;
    for (double& bias : layer.bias) bias = -bias;
  }
  prune_by_magnitude(stack, 0.9);
  const WeightStack pruned = stack;
  set_back(stack, earlier);
  ASSERT_LT(stack.kept(), earlier.kept());
  for (std::size_t l = 0; l < stack.layers.size(); ++l) {
    EXPECT_EQ(stack.layers[l].pattern.kept, pruned.layers[l].pattern.kept);
    EXPECT_EQ(stack.layers[l].bias, earlier.layers[l].bias);
    const std::vector<double> now = stack.layers[l].whole(), before = earlier.layers[l].whole();
    for (const std::int64_t place : pruned.layers[l].pattern.kept)
      EXPECT_EQ(now[static_cast<std::size_t>(place)], before[static_cast<std::size_t>(place)]) << "layer " << l;
  }
}

}  // namespace
}  // namespace jetpinn
