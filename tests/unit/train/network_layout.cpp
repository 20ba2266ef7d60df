#include "jetpinn/train/network_layout.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jetpinn {
namespace {

NetworkOptions options_of(const std::string& kind) {
  NetworkOptions options;
  options.kind = kind;
  options.hidden = {5, 5};
  return options;
}

TEST(NetworkLayout, NamesTheMatricesOfAnMlp) {
  const ParameterLayout layout = parameter_layout(make_network(options_of("mlp"), {"t", "x"}, 3, {0, 0}, {1, 1}));
  ASSERT_EQ(layout.matrices.size(), 6u);
  EXPECT_EQ(layout.matrices[0].name, "layer 1 of 3, weight");
  const std::vector<std::vector<std::int64_t>> expected{{2, 5, 0},  {1, 5, 10}, {5, 5, 15},
                                                        {1, 5, 40}, {5, 3, 45}, {1, 3, 60}};
  for (std::size_t m = 0; m < expected.size(); ++m) {
    const ParameterMatrix& matrix = layout.matrices[m];
    EXPECT_EQ((std::vector<std::int64_t>{matrix.rows, matrix.columns, matrix.begin}), expected[m]) << matrix.name;
    EXPECT_TRUE(matrix.trained);
  }
}

TEST(NetworkLayout, TrainedNumbersAreMatricesOfTheirOwn) {
  Network network = make_network(options_of("mlp"), {"t", "x"}, 1, {0, 0}, {1, 1});
  network.append_trainables({0.1, 0.2});
  const ParameterLayout layout = parameter_layout(network, {{"k", 0.1, {}, {}, 1, 0}, {"nu", 0.2, {}, {}, 1, 1e-4}});
  ASSERT_EQ(layout.matrices.size(), 8u);
  EXPECT_EQ(layout.size, network.parameters);
  EXPECT_EQ(layout.matrices[6].name, "trained number k");
  EXPECT_EQ(layout.matrices[6].learning_rate, 0);
  EXPECT_EQ(layout.matrices[7].learning_rate, 1e-4);
  EXPECT_EQ(parameter_layout(network).matrices.back().size(), 2);  // of nobody's rates: one matrix
}

// Every kind of network, with all that may be added to one: each block at its place, and no parameter left out.
TEST(NetworkLayout, CoversTheBufferOfEveryNetwork) {
  for (const std::string kind : {"mlp", "modified_mlp", "residual", "piratenet"})
    for (const bool additions : {false, true}) {
      NetworkOptions options = options_of(kind);
      options.fourier_features = additions ? 3 : 0;
      options.factors.scale = options.factors.slope = additions;
      const Network network = make_network(options, {"t", "x"}, 1, {0, 0}, {1, 1});
      const ParameterLayout layout = parameter_layout(network);
      EXPECT_EQ(layout.size, network.parameters) << kind;
      auto matrix = layout.matrices.begin();
      std::int64_t trained = 0;
      for (const Layer& layer : network.layers)
        for (const ParameterBlock& block : layer.blocks) {
          ASSERT_NE(matrix, layout.matrices.end());
          EXPECT_EQ(matrix->begin, block.offset);
          EXPECT_EQ(matrix->size(), block.size());
          EXPECT_EQ(matrix->columns, block.shape.back());
          EXPECT_EQ(matrix->trained, block.trained);
          if (block.trained) trained += block.size();
          ++matrix;
        }
      EXPECT_EQ(matrix, layout.matrices.end());
      EXPECT_EQ(layout.trained_size(), trained);
      EXPECT_EQ(trained < network.parameters, additions) << "Fourier features are not trained";
    }
}

}  // namespace
}  // namespace jetpinn
