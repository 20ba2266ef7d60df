#include "jetpinn/vision/image_model.hpp"
#include "support/expect_error.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace jetpinn {
namespace {

// 3-32-64-128, then 2048-256-10, each with biases.
TEST(ModelKinds, SimpleCnnHasTheLayersOfItsDescription) {
  const std::vector<ModelBlock> blocks = blocks_of({"simple_cnn", {3, 32, 32}, 10});
  EXPECT_EQ(parameters_of(blocks), (3 * 9 + 1) * 32 + (32 * 9 + 1) * 64 + (64 * 9 + 1) * 128 + 2049 * 256 + 257 * 10);
  EXPECT_EQ(blocks[6].shape, (std::vector<std::int64_t>{256, 2048}));
  const double products = 3 * 9 * 32 * 1024 + 32 * 9 * 64 * 256 + 64 * 9 * 128 * 64 + 2048 * 256 + 256 * 10;
  EXPECT_EQ(forward_flop(blocks), 2 * products);
  EXPECT_EQ(blocks_of({"simple_cnn", {1, 28, 28}, 10})[6].shape, (std::vector<std::int64_t>{256, 128 * 3 * 3}));
}

TEST(ModelKinds, BlocksLieOneBehindTheOther) {
  for (const ModelKind& kind : model_kinds()) {
    std::int64_t end = 0;
    for (const ModelBlock& block : blocks_of({kind.name, {3, 32, 32}, 10})) {
      EXPECT_EQ(block.begin, end) << kind.name << " " << block.name;
      end += block.size();
    }
  }
}

TEST(ModelKinds, InitialParametersFillTheirRangeAndFollowTheSeed) {
  const std::vector<ModelBlock> blocks = blocks_of({"linear", {1, 8, 8}, 4});
  const std::vector<double> values = initial_parameters(blocks, 1);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  EXPECT_GE(*low, -0.125);
  EXPECT_LT(*high, 0.125);
  EXPECT_GT(*high - *low, 0.24);  // of 260 uniform numbers in a range of 0.25
  EXPECT_EQ(initial_parameters(blocks, 1), values);
  EXPECT_NE(initial_parameters(blocks, 2), values);
}

// The largest that a config can ask for: its plan is a number beyond any memory, not one that has wrapped around.
TEST(ModelKinds, ValuesOfAPassCanBeAddedUpHoweverLargeTheModel) {
  ModelOptions largest{"sparse_vit", {3, 4096, 4096}, 10};
  largest.vit.patch = 1;
  largest.vit.width = largest.vit.hidden = largest.vit.depth = largest.vit.sparse.global = 65536;
  EXPECT_EQ(pass_values(largest), 1000000000000000);
}

TEST(ModelKinds, WhatCannotBeIsRefused) {
  testing::expect_error(Status::usage, {"'cnn'", "simple_cnn, linear"}, [] { blocks_of({"cnn", {3, 32, 32}, 10}); });
  testing::expect_error(Status::usage, {"8 x 8", "7 x 32"}, [] { blocks_of({"simple_cnn", {3, 7, 32}, 10}); });
}

}  // namespace
}  // namespace jetpinn
