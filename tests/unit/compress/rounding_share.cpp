// What a sparse network may differ from its weights by, and what it may not.
#include "jetpinn/compress/rounding_share.hpp"

#include "support/stack_case.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>

namespace jetpinn {
namespace {

template <class T>
class RoundingShare : public ::testing::Test {
 protected:
  RoundingShare() {
    std::mt19937 generator(4);
    std::uniform_real_distribution<double> uniform(-1, 1);
    x_.resize(static_cast<std::size_t>(3 * (tile_points<T> + 3)));
    std::generate(x_.begin(), x_.end(), [&] { return static_cast<T>(uniform(generator)); });
  }
  // Of a network with the weights `made`, where `meant` are meant.
  double share(const WeightStack& made, const WeightStack& meant, const std::string& format) const {
    TileNetwork<T> network(made, std::vector<std::string>(made.layers.size(), format));
    return rounding_share(network, meant, x_);
  }

  std::vector<T> x_;  // [points, 3]
};

using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(RoundingShare, Types);

TYPED_TEST(RoundingShare, EveryFormatIsWithinTheBound) {
  const WeightStack stack = test::small_stack();
  for (const std::string& format : tile_formats()) {
    const double share = this->share(stack, stack, format);
    EXPECT_GT(share, 0) << format;
    EXPECT_LE(share, 1) << format;
  }
}

// A weight of a middle layer that is a few hundred roundings off, which changes outputs by less than a tolerance of 1e-4 of
// the largest one in fp32 would find; a bias; a weight that is not there.
TYPED_TEST(RoundingShare, AnErrorOfOneNumberIsFound) {
  const WeightStack meant = test::small_stack();
  const auto found = [&](const auto& plant) {
    WeightStack made = meant;
    plant(made.layers[1]);
    for (const std::string& format : tile_formats()) EXPECT_GT(this->share(made, meant, format), 1) << format;
  };
  constexpr double rounding = std::numeric_limits<TypeParam>::epsilon();
  const auto largest = [](StackLayer& layer) {
    return std::max_element(layer.kept.begin(), layer.kept.end(),
                            [](double a, double b) { return std::abs(a) < std::abs(b); });
  };
  found([&](StackLayer& layer) { *largest(layer) *= 1 + 200 * rounding; });
  found([&](StackLayer& layer) { layer.bias[7] += 200 * rounding; });
  found([&](StackLayer& layer) { *largest(layer) = 0; });
}

TYPED_TEST(RoundingShare, NaNIsNoShare) {
  WeightStack stack = test::small_stack();
  stack.layers[1].bias[3] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(this->share(stack, stack, "csr")));
}

}  // namespace
}  // namespace jetpinn
