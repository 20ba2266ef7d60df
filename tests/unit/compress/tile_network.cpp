#include "jetpinn/compress/tile_network.hpp"

#include "jetpinn/compress/row_network.hpp"
#include "support/stack_case.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <random>

namespace jetpinn {
namespace {

double exact_output(const WeightStack& stack, const double* x, std::int64_t output) {
  std::vector<double> h(x, x + stack.input_count());
  for (std::size_t l = 0; l < stack.layers.size(); ++l) {
    const StackLayer& layer = stack.layers[l];
    std::vector<double> z = layer.bias;
    for (std::size_t k = 0; k < layer.kept.size(); ++k)
      z[static_cast<std::size_t>(layer.pattern.kept[k] % layer.pattern.outputs)] +=
          layer.kept[k] * h[static_cast<std::size_t>(layer.pattern.kept[k] / layer.pattern.outputs)];
    if (l + 1 < stack.layers.size())
      for (double& value : z) value = std::tanh(value);
    h = z;
  }
  return h[static_cast<std::size_t>(output)];
}

TEST(TileNetwork, EveryFormatAndTheRowsGiveTheNetwork) {
  const WeightStack stack = test::small_stack();
  std::mt19937 generator(6);
  std::uniform_real_distribution<double> uniform(-1, 1);
  for (const std::int64_t points : {1, 5, 32, 100}) {
    std::vector<double> x(static_cast<std::size_t>(points * 3)), y(static_cast<std::size_t>(points * 2));
    for (double& value : x) value = uniform(generator);
    const auto check = [&](const std::string& what) {
      for (std::int64_t p = 0; p < points; ++p)
        for (std::int64_t o = 0; o < 2; ++o)
          EXPECT_NEAR(y[static_cast<std::size_t>(2 * p + o)], exact_output(stack, x.data() + 3 * p, o),
                      300 * std::numeric_limits<double>::epsilon() * 4)  // sums of up to 150 numbers, through two layers
              << what;
    };
    for (const std::string& format : tile_formats()) {
      TileNetwork<double> network(stack, {format, format, format});
      network(points, x.data(), y.data());
      check(format);
    }
    RowNetwork<double> rows(stack, "libxsmm");
    rows(points, x.data(), y.data());
    check("rows");
  }
}

}  // namespace
}  // namespace jetpinn
