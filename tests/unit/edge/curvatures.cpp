// Second derivatives of the evaluator against differences of the first ones.
#include "jetpinn/edge/curvatures.hpp"

#include "jetpinn/edge/program.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jetpinn {
namespace {

// (f'(x + h) - f'(x - h)) / 2h: off by h^2 f'''' / 6, where f'''' of activations is 5 at most, and by the rounding of slopes
// over h, some 1e-11.
constexpr double difference_step = 1e-5, difference_error = 2e-10;

template <class Slope, class CurvatureOf>
void expect_curvature(const char* name, Slope slope, CurvatureOf curvature) {
  for (int k = 0; k <= 100; ++k) {
    const double x = -9 + 18.0 * k / 100;
    const double difference = (slope(x + difference_step) - slope(x - difference_step)) / (2 * difference_step);
    EXPECT_NEAR(curvature(x), difference, difference_error) << name << " at " << x;
  }
}

TEST(EdgeCurvatures, OfActivations) {
  expect_curvature(
      "silu", [](double x) { return edge::silu_slope(x); }, [](double x) { return edge::silu_curvature(x); });
  expect_curvature(
      "gelu", [](double x) { return edge::gelu_slope(x); }, [](double x) { return edge::gelu_curvature(x); });
  expect_curvature(
      "softplus", [](double x) { return edge::sigmoid_of(x); }, [](double x) { return edge::softplus_curvature(x); });
}

// At the places of EdgeSlopes.OfEveryOperationByEveryOperand, for the pairs of the first two operands; the third has none.
TEST(EdgeCurvatures, OfEveryOperationByEveryPairOfOperands) {
  for (const edge::Operation& operation : edge::operations()) {
    const bool positive = std::string("power log sqrt").find(operation.name) != std::string::npos;
    for (const double first : {positive ? 0.9 : -0.6, 0.6}) {
      const double at[3] = {first, 0.25, 0.4};
      double by[3] = {0, 0, 0};
      if (operation.curvature) operation.curvature(at[0], at[1], operation.value(at[0], at[1], at[2]), by);
      const auto slope = [&](int n, int along, double step) {
        double x[3] = {at[0], at[1], at[2]}, slopes[3] = {0, 0, 0};
        x[along] += step;
        operation.slope(x[0], x[1], x[2], operation.value(x[0], x[1], x[2]), slopes);
        return slopes[n];
      };
      for (int m = 0; m < 2; ++m)
        for (int n = 0; n < 2; ++n) {
          const double difference = (slope(n, m, difference_step) - slope(n, m, -difference_step)) / (2 * difference_step);
          // The fourth derivative of a / b is 24 * 0.6 / 0.25^5, which makes 2.5e-7, and those of the others are those of
          // log at most, 6 / 0.6^4, which make 8e-10.
          EXPECT_NEAR(by[m + n], difference, operation.name == std::string("divide") ? 3e-7 : 1e-9)
              << operation.name << " by operands " << m << " and " << n << " at " << first;
        }
    }
  }
}

}  // namespace
}  // namespace jetpinn
