#include "jetpinn/network/pattern_file.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/network/network.hpp"
#include "support/sparse_case.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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

TEST(PatternFile, TheHashIsOfEveryBit) {
  const auto hash_of_bits = [](std::vector<std::int64_t> kept) {
    const std::string path = test::pattern_file({{2, 7}, {7, 5}, {5, 1}}, 0.4);
    SparsePatterns patterns = read_patterns(path);
    patterns[1] = std::make_shared<const SparsePattern>(SparsePattern{7, 5, std::move(kept)});
    write_patterns(path, patterns);
    return pattern_hash(make_network(sparse_options(path), {"t", "x"}, 1, {0, 0}, {1, 1}));
  };
  const std::string hash = hash_of_bits({3, 17, 20});
  EXPECT_EQ(hash.size(), 16u);
  EXPECT_EQ(hash_of_bits({3, 17, 20}), hash);
  EXPECT_NE(hash_of_bits({3, 17, 21}), hash);
  EXPECT_NE(hash_of_bits({3, 17, 20, 21}), hash);
  NetworkOptions dense;
  EXPECT_EQ(pattern_hash(make_network(dense, {"t", "x"}, 1, {0, 0}, {1, 1})), "");
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
