#include "jetpinn/engine/jet_network.hpp"

#include "jetpinn/network/builders.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

std::int64_t chunk_of_network(const std::string& kind, std::vector<std::int64_t> hidden, int channels, int bytes) {
  NetworkOptions options;
  options.kind = kind;
  options.hidden = std::move(hidden);
  const Network network = make_network(options, {"t", "x"}, 1, {0, 0}, {1, 1});
  return choose_chunk(plan_buffers(network), channels, bytes).chunk;
}

TEST(ChooseChunk, FitsTheSecondLevelCacheWhereTheMatrixHasFewRows) {
  EXPECT_EQ(chunk_of_network("mlp", {32, 32, 32, 32}, 3, 4), 256);
  EXPECT_EQ(chunk_of_network("mlp", {128, 128, 128, 128}, 3, 4), 64);
  EXPECT_EQ(chunk_of_network("mlp", {128, 128, 128, 128}, 3, 8), 32);
}

TEST(ChooseChunk, HasRowsForTheGradientOfItsMatrices) {
  for (const int channels : {1, 2, 3, 5, 12}) {
    for (const int width : {16, 64, 128, 256, 512, 2048}) {
      for (const std::string kind : {"mlp", "modified_mlp", "piratenet"}) {
        const std::int64_t chunk = chunk_of_network(kind, std::vector<std::int64_t>(6, width), channels, 8);
        EXPECT_TRUE(chunk == block_points || 4 * chunk * channels >= 3 * width) << kind << " " << width << " " << channels;
        EXPECT_EQ(block_points % chunk, 0);
      }
    }
  }
}

}  // namespace
}  // namespace jetpinn
