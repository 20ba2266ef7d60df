#include "jetpinn/engine/jet_network.hpp"

#include "jetpinn/layer/factorised.hpp"
#include "jetpinn/network/builders.hpp"
#include "support/network_cases.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
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

// What the network computes is what one without factors does with the products, to the last bit.
TEST(JetNetwork, OfFactorsIsThatOfTheirProducts) {
  int compared = 0;
  for (const test::NamedText& named : test::network_texts()) {
    test::CaseText text = named.text;
    if (!text.network.factors.slope) continue;
    const test::EngineCase problem = test::make_case(text);
    text.network.factors = {};
    const test::EngineCase plain = test::make_case(text);
    const std::vector<double> parameters = test::perturbed(problem, 1, 0.1);
    std::vector<double> products(static_cast<std::size_t>(plain.network.parameters));
    for (std::size_t l = 0; l < problem.network.layers.size(); ++l) {
      const Layer &layer = problem.network.layers[l], &without = plain.network.layers[l];
      if (layer.blocks.empty()) continue;
      const std::int64_t begin = layer.blocks.front().offset;
      const std::vector<double> own = multiply_factors(problem.network, layer, parameters.data() + begin);
      for (const ParameterBlock& block : without.blocks)
        std::copy_n(own.begin() + (layer.block(block.name)->offset - begin), block.size(), products.begin() + block.offset);
    }
    const auto loss_of = [](const test::EngineCase& of, const std::vector<double>& with) {
      return test::evaluate(*make_engine({}, of.network, of.terms), of, with).sums.unweighted;
    };
    EXPECT_EQ(loss_of(problem, parameters), loss_of(plain, products)) << named.name;
    ++compared;
  }
  EXPECT_EQ(compared, 20);
}

}  // namespace
}  // namespace jetpinn
