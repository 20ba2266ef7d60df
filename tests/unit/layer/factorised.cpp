#include "jetpinn/layer/factorised.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn {
namespace {

// s(a (x V diag(exp(s)) + b)): a slope multiplies the bias too, a scale the matrix alone.
TEST(Factorised, MultipliesTheWholeSumByItsSlope) {
  NetworkOptions options;
  options.kind = "modified_mlp";
  options.hidden = {3, 3};
  options.fourier_features = 2;
  options.factors.scale = options.factors.slope = true;
  const Network network = make_network(options, {"t", "x"}, 2, {0, 0}, {1, 1});
  std::vector<double> parameters;
  for (std::int64_t i = 0; i < network.parameters; ++i) parameters.push_back(0.5 + 0.01 * static_cast<double>(i));
  int slopes = 0;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    if (layer.blocks.empty()) continue;
    const ParameterBlock& first = layer.blocks.front();
    const double* own = parameters.data() + first.offset;
    std::vector<double> expected(own, own + layer.blocks.back().offset + layer.blocks.back().size() - first.offset);
    const ParameterBlock* scale = layer.block("scale");
    // A bias stands behind the matrix of its sum, the slope last of what belongs to that.
    const ParameterBlock* slope = layer.kind == "activation" ? network.layers[l - 1].block("slope") : layer.block("slope");
    slopes += slope != nullptr;
    for (std::int64_t i = 0; i < first.size(); ++i) {
      double& number = expected[static_cast<std::size_t>(i)];
      const double a = slope ? parameters[static_cast<std::size_t>(slope->offset)] : 1;
      number *= a * (scale ? std::exp(parameters[static_cast<std::size_t>(scale->offset + i % layer.units)]) : 1);
    }
    EXPECT_EQ(factorised(network, layer), slope || scale) << layer.kind << " " << l;
    EXPECT_EQ(multiply_factors(network, layer, own), expected) << layer.kind << " " << l;
  }
  EXPECT_EQ(slopes, 8) << "a matrix and a bias of each of two encoders and two hidden layers";
}

}  // namespace
}  // namespace jetpinn
