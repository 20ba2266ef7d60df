#include "jetpinn/network/pattern_file.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/network/network.hpp"
#include "support/sparse_case.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace jetpinn {
namespace {

NetworkOptions sparse_options(const std::string& pattern) {
  NetworkOptions options;
  options.hidden = {7, 5};
  options.pattern = pattern;
  return options;
}

TEST(PatternFile, ANetworkHasTheKeptWeightsAlone) {
  const std::string path = test::pattern_file({{2, 7}, {7, 5}, {5, 1}}, 0.4);
  const SparsePatterns patterns = read_patterns(path);
  const Network network = make_network(sparse_options(path), {"t", "x"}, 1, {0, 0}, {1, 1});
  ASSERT_EQ(patterns.size(), 3u);
  std::int64_t parameters = 7 + 5 + 1;   // biases
  std::size_t matrix = 0;
  for (const Layer& layer : network.layers) {
    const ParameterBlock* block = layer.block("weight");
    if (!block) continue;
    const auto kept = static_cast<std::int64_t>(patterns[matrix]->kept.size());
    EXPECT_EQ(block->size(), kept);
    EXPECT_EQ(block->pattern->kept, patterns[matrix++]->kept);
    parameters += kept;
  }
  EXPECT_EQ(network.parameters, parameters);
  EXPECT_EQ(network.layers[2].kind, "sparse");
  EXPECT_TRUE(network.patterns.empty());
}

TEST(PatternFile, AMatrixThatKeepsAllIsNoOther) {
  const Network network =
      make_network(sparse_options(test::pattern_file({{2, 7}, {7, 5}, {5, 1}}, 2)), {"t", "x"}, 1, {0, 0}, {1, 1});
  for (const Layer& layer : network.layers)
    for (const ParameterBlock& block : layer.blocks) EXPECT_EQ(block.pattern, nullptr);
  EXPECT_EQ(network.layers[2].kind, "linear");
}

TEST(PatternFile, OfOtherMatricesIsRefused) {
  const auto message = [](const std::string& path) {
    try {
      make_network(sparse_options(path), {"t", "x"}, 1, {0, 0}, {1, 1});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(message(test::pattern_file({{2, 7}, {7, 6}, {5, 1}}, 0.4)).find("7 inputs and 6 outputs"), std::string::npos);
  EXPECT_NE(message(test::pattern_file({{2, 7}, {7, 5}}, 0.4)).find("2 matrices, the network has 3"), std::string::npos);
  EXPECT_NE(message("none.h5").find("no such file"), std::string::npos);
}

}  // namespace
}  // namespace jetpinn
