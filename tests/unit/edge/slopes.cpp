// Derivatives of the evaluator against differences of what they are derivatives of.
#include "jetpinn/edge/slopes.hpp"

#include "jetpinn/edge/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace jetpinn {
namespace {

// (f(x + h) - f(x - h)) / 2h: off by h^2 f''' / 6, and by the rounding of values over h. Both are about 1e-10 of the
// function.
constexpr double step = 1e-5, apart = 3e-9;

template <class F, class Slope>
void expect_slope(const char* name, F f, Slope slope, double low, double high) {
  for (int k = 0; k <= 100; ++k) {
    const double x = low + (high - low) * k / 100;
    EXPECT_NEAR(slope(x), (f(x + step) - f(x - step)) / (2 * step), apart) << name << " at " << x;
  }
}

TEST(EdgeSlopes, OfActivations) {
  expect_slope(
      "silu", [](double x) { return edge::silu_of(x); }, [](double x) { return edge::silu_slope(x); }, -9, 9);
  expect_slope(
      "gelu", [](double x) { return edge::gelu_of(x); }, [](double x) { return edge::gelu_slope(x); }, -9, 9);
  expect_slope(
      "sin", [](double x) { return edge::sin_of(x); }, [](double x) { return edge::sin_slope(x); }, -9, 9);
  expect_slope(
      "softplus", [](double x) { return edge::softplus_of(x); }, [](double x) { return edge::sigmoid_of(x); }, -9, 9);
}

// Where none of them has a corner: 0.6 and 0.25 are in the domain of every function, and so is -0.6 of most.
TEST(EdgeSlopes, OfEveryOperationByEveryOperand) {
  for (const edge::Operation& operation : edge::operations()) {
    const bool positive = std::string("power log sqrt").find(operation.name) != std::string::npos;
    for (const double first : {positive ? 0.9 : -0.6, 0.6}) {
      const double at[3] = {first, 0.25, 0.4};
      double by[3] = {0, 0, 0};
      operation.slope(at[0], at[1], at[2], operation.value(at[0], at[1], at[2]), by);
      for (int n = 0; n < 3; ++n) {
        double more[3] = {at[0], at[1], at[2]}, less[3] = {at[0], at[1], at[2]};
        more[n] += step;
        less[n] -= step;
        const double difference = operation.value(more[0], more[1], more[2]) - operation.value(less[0], less[1], less[2]);
        EXPECT_NEAR(by[n], difference / (2 * step), 10 * apart) << operation.name << " by operand " << n << " at " << first;
      }
    }
  }
}

}  // namespace
}  // namespace jetpinn
