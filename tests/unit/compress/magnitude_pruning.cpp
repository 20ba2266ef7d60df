#include "jetpinn/compress/magnitude_pruning.hpp"

#include "jetpinn/compress/serving_weights.hpp"

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
  EXPECT_EQ(stack.kept(), 82);                  // of 820
  EXPECT_GE(stack.layers[1].kept.size(), 8u);   // 2 % of 400; more where they would take larger ones along,
  EXPECT_LT(stack.layers[1].kept.size(), 20u);  // fewer than units, for the smallest go first
  EXPECT_GE(stack.layers[2].kept.size(), 1u);
}

// [outputs] whether an output of the network depends on any of its inputs.
std::vector<bool> varying_outputs(const WeightStack& stack) {
  std::vector<bool> units(static_cast<std::size_t>(stack.input_count()), true);
  for (const StackLayer& layer : stack.layers) {
    std::vector<bool> next(static_cast<std::size_t>(layer.pattern.outputs));
    for (const std::int64_t place : layer.pattern.kept)
      if (units[static_cast<std::size_t>(place / layer.pattern.outputs)])
        next[static_cast<std::size_t>(place % layer.pattern.outputs)] = true;
    units = next;
  }
  return units;
}

// Three hidden layers, at the highest share of all and in rounds towards it.
TEST(MagnitudePruning, EveryOutputGoesOnDependingOnAnInput) {
  WeightStack whole;
  // The smallest weights of a narrow matrix are of units that the next one would read alone.
  whole.layers = {whole_layer(2, 40, 1e-3), whole_layer(40, 30, 1), whole_layer(30, 7, 1e-6), whole_layer(7, 3, 10)};
  const double most = most_sparsity(whole);
  EXPECT_DOUBLE_EQ(most, 1 - (3 + 24 + 5 + 3) / (80.0 + 1200 + 210 + 21));
  for (const double target : {0.5, 0.9, 0.97, most}) {
    for (const int rounds : {1, 4}) {
      WeightStack stack = whole;
      for (int round = 1; round <= rounds; ++round) prune_by_magnitude(stack, sparsity_after(round, rounds, 0, target));
      EXPECT_EQ(varying_outputs(stack), std::vector<bool>(3, true)) << target;
      EXPECT_EQ(stack.kept(), 1511 - std::llround(target * 1511)) << target;
      for (const StackLayer& layer : stack.layers) {
        EXPECT_GE(static_cast<double>(layer.kept.size()), least_density * static_cast<double>(layer.pattern.weights()));
        EXPECT_EQ(layer.kept.size(), layer.pattern.kept.size());
      }
    }
  }
  EXPECT_LT(most, 0.99);
}

// Of a network that has lost units already, paths go through those that are left.
TEST(MagnitudePruning, PathsLeadThroughUnitsThatAreThere) {
  WeightStack stack;
  stack.layers = {whole_layer(3, 8, 1), whole_layer(8, 8, 1), whole_layer(8, 1, 1)};
  StackLayer& first = stack.layers[0];
  first.pattern.kept = {1, 9};  // of 24: into unit 1 alone
  first.kept = {1e-9, 2e-9};
  prune_by_magnitude(stack, most_sparsity(stack));
  EXPECT_EQ(varying_outputs(stack), std::vector<bool>{true});
}

// By magnitude alone a third of them would read constants or lead nowhere. Each matrix keeps 2 % by itself here, 1 or 2
// weights.
TEST(MagnitudePruning, WhatIsKeptLiesOnPathsFromInputsToOutputs) {
  WeightStack stack;
  stack.layers = {whole_layer(2, 9, 1), whole_layer(9, 9, 3), whole_layer(9, 9, 0.2), whole_layer(9, 2, 1)};
  for (const double target : {0.5, 0.75, 0.85, 0.9}) {
    prune_by_magnitude(stack, target);
    EXPECT_EQ(stack.kept(), 198 - std::llround(target * 198)) << target;
    EXPECT_EQ(ServingWeights(stack).count(), stack.kept()) << target;
  }
}

// No weight goes without another here, so that with one to go the smallest goes alone.
TEST(MagnitudePruning, WhatIsLeftOutIsAsMuchAsIsAskedFor) {
  WeightStack stack;
  stack.layers = {whole_layer(1, 2, 1), whole_layer(2, 1, 1)};
  stack.layers[0].kept = {0.1, 5};
  stack.layers[1].kept = {3, 4};
  WeightStack one = stack, two = stack;
  prune_by_magnitude(one, 0.25);
  EXPECT_EQ(one.layers[0].kept, (std::vector<double>{5}));
  EXPECT_EQ(one.layers[1].kept, (std::vector<double>{3, 4}));
  prune_by_magnitude(two, 0.5);
  EXPECT_EQ(two.layers[0].kept, (std::vector<double>{5}));
  EXPECT_EQ(two.layers[1].kept, (std::vector<double>{4}));
  prune_by_magnitude(one, 0.5);  // 3 reads a constant, so that it goes first
  EXPECT_EQ(one.layers[0].kept, (std::vector<double>{5}));
  EXPECT_EQ(one.layers[1].kept, (std::vector<double>{4}));
}

TEST(MagnitudePruning, TheShareRisesByACubic) {
  EXPECT_EQ(sparsity_after(4, 4, 0.1, 0.75), 0.75);
  EXPECT_DOUBLE_EQ(sparsity_after(1, 4, 0, 0.8), 0.8 * (1 - 27.0 / 64));
  EXPECT_EQ(sparsity_after(0, 4, 0.1, 0.75), 0.75 + (0.1 - 0.75));
}

}  // namespace
}  // namespace jetpinn
