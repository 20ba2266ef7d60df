#include "jetpinn/compress/serving_weights.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

StackLayer layer_with(std::int64_t inputs, std::int64_t outputs, std::vector<std::int64_t> kept) {
  StackLayer layer;
  layer.pattern.inputs = inputs;
  layer.pattern.outputs = outputs;
  layer.kept.assign(kept.size(), 1.0);
  layer.pattern.kept = std::move(kept);
  return layer;
}

// One input, three units, three units, two outputs. Places are input * outputs + output.
WeightStack three_paths() {
  WeightStack stack;
  stack.layers = {layer_with(1, 3, {0, 1, 2}),     // input -> 0, 1, 2
                  layer_with(3, 3, {0, 4, 7, 8}),  // 0 -> 0, 1 -> 1, 2 -> 1, 2 -> 2
                  layer_with(3, 2, {0, 3})};       // 0 -> 0, 1 -> 1; unit 2 is not read
  return stack;
}

TEST(ServingWeights, AWeightIntoAUnitThatNothingReadsDoesNotServe) {
  const WeightStack stack = three_paths();
  const ServingWeights serving(stack);
  EXPECT_EQ(serving.count(), 8);
  EXPECT_FALSE(serving.serves({1, 3}));
  EXPECT_TRUE(serving.serves({0, 2}));  // through unit 1 of the next layer
}

TEST(ServingWeights, WhatReadsAConstantDoesNotServe) {
  WeightStack stack = three_paths();
  stack.layers[0] = layer_with(1, 3, {1, 2});
  const ServingWeights serving(stack);
  EXPECT_FALSE(serving.serves({1, 0}));
  EXPECT_FALSE(serving.serves({2, 0}));
  EXPECT_EQ(serving.count(), 5);
}

TEST(ServingWeights, AWeightTakesItsPathAlongAndBringsItBack) {
  const WeightStack stack = three_paths();
  ServingWeights serving(stack);
  const auto path = serving.take_away({1, 0});  // input -> 0 -> 0 -> output 0
  EXPECT_EQ(path.size(), 3u);
  EXPECT_FALSE(serving.serves({0, 0}));
  EXPECT_FALSE(serving.serves({2, 0}));
  EXPECT_TRUE(serving.take_away({1, 0}).empty());  // gone already
  serving.put_back(path);
  EXPECT_EQ(serving.count(), 8);
  EXPECT_EQ(serving.take_away({1, 1}).size(), 2u);  // with what leads to it; output 1 reads its unit through another
  EXPECT_TRUE(serving.serves({2, 1}));
  EXPECT_EQ(serving.take_away({1, 2}).size(), 3u);
}

}  // namespace
}  // namespace jetpinn
