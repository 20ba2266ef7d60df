#include "jetpinn/optim/weight_decay.hpp"

#include "jetpinn/optim/optimizer.hpp"
#include "support/functions.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

ParameterLayout mixed_layout() {
  return ParameterLayout({{"weight", 2, 1, 0, true},
                          {"frequencies", 1, 1, 2, false},
                          {"bias", 1, 1, 3, true},
                          {"trainables", 1, 1, 4, true, false}});
}

TEST(WeightDecay, TakesAShareOfWhatTheNetworkTrains) {
  double x[] = {1, -2, 4, 8, 16};
  WeightDecay(0.5, mixed_layout()).apply(0.25, x);
  const double expected[] = {0.875, -1.75, 4, 7, 16};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(x[i], expected[i]) << i;
}

TEST(WeightDecay, NoneChangesNoBit) {
  double x[] = {1.1};
  WeightDecay().apply(0.25, x);
  EXPECT_EQ(x[0], 1.1);
}

// Decoupled: the moments see the gradient alone. x <- x - a (sign + d x) where the gradient is constant.
TEST(WeightDecay, StandsBesideAdamsStepAndFollowsItsSchedule) {
  testing::FunctionObjective objective(1, [](const double*, double* g) {
    g[0] = 3;
    return 1.0;
  });
  OptimizerOptions options;
  options.kind = "adamw";
  options.weight_decay = 0.1;
  options.learning_rate.start = 0.5;
  options.learning_rate.warmup = 2;
  const auto adamw = make_optimizer(options, ParameterLayout::of_size(1), 10);
  double x = 4;
  adamw->step(objective, &x);
  EXPECT_NEAR(x, 4 - 0.25 * (1 + 0.1 * 4), 1e-8);  // epsilon 1e-8 beside |g|
  const double before = x;
  adamw->step(objective, &x);
  EXPECT_NEAR(x, before - 0.5 * (1 + 0.1 * before), 1e-8);
  options.kind = "adam";
  const auto adam = make_optimizer(options, ParameterLayout::of_size(1), 10);
  x = 4;
  adam->step(objective, &x);
  EXPECT_NEAR(x, 4 - 0.25, 1e-8) << "adam has none";
}

TEST(WeightDecay, LeavesASkippedStepAlone) {
  testing::FunctionObjective objective(1, [](const double*, double* g) {
    g[0] = std::nan("");
    return 1.0;
  });
  OptimizerOptions options;
  options.kind = "adamw";
  double x = 4;
  EXPECT_TRUE(make_optimizer(options, ParameterLayout::of_size(1), 10)->step(objective, &x).skipped);
  EXPECT_EQ(x, 4);
}

}  // namespace
}  // namespace jetpinn
