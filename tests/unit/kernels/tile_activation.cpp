#include "jetpinn/kernels/tile_activation.hpp"

#include "jetpinn/kernels/pack.hpp"
#include "support/worst.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

template <class T>
std::vector<T> applied(Activation activation, std::vector<T> values) {
  values.resize(static_cast<std::size_t>(padded<T>(static_cast<std::int64_t>(values.size()))));
  tile_activation<T>(activation)(values.data(), static_cast<std::int64_t>(values.size()));
  return values;
}

// The rational function of fp32: relative to tanh, for the smallest numbers too, and no larger than 1 by more than that.
TEST(TileActivation, OfTanhIsTanh) {
  std::vector<float> x;
  for (int k = -4000; k <= 4000; ++k) x.push_back(static_cast<float>(k) * 0.003f);
  for (float small = 1e-30f; small < 1; small *= 1.7f) x.insert(x.end(), {small, -small});
  constexpr float infinity = std::numeric_limits<float>::infinity();
  x.insert(x.end(), {100, -100, infinity, -infinity, std::numeric_limits<float>::denorm_min()});
  const std::vector<float> y = applied(Activation::tanh, x);
  test::Worst worst;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double exact = std::tanh(static_cast<double>(x[k]));
    if (exact != 0) worst.take(std::abs(y[k] / exact - 1));
  }
  // 2e-8 of the function itself; a product, a quotient and two polynomials whose last terms are the largest
  EXPECT_LE(worst.value(), 4 * std::numeric_limits<float>::epsilon());
  EXPECT_EQ(applied<float>(Activation::tanh, {0})[0], 0);
  EXPECT_TRUE(std::signbit(applied<float>(Activation::tanh, {-0.0f})[0]));
  EXPECT_TRUE(std::isnan(applied<float>(Activation::tanh, {std::numeric_limits<float>::quiet_NaN()})[0]));
}

TEST(TileActivation, OfDoublesIsTanh) {
  std::vector<double> x;
  for (int k = -400; k <= 400; ++k) x.push_back(k * 0.03);
  const std::vector<double> y = applied(Activation::tanh, x);
  test::Worst worst;
  for (std::size_t k = 0; k < x.size(); ++k) worst.take(std::abs(y[k] - std::tanh(x[k])));
  EXPECT_LE(worst.value(), 4 * std::numeric_limits<double>::epsilon());
}

}  // namespace
}  // namespace jetpinn
