#include "jetpinn/optim/own_rates.hpp"

#include "jetpinn/optim/optimizer.hpp"
#include "support/functions.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace jetpinn {
namespace {

ParameterLayout layout() {
  return ParameterLayout(
      {{"weight", 1, 2, 0}, {"k", 1, 1, 2, true, false, 4e-3}, {"c", 1, 1, 3}, {"q", 1, 1, 4, true, false, 1e-4}});
}

TEST(OwnRates, AreMultiplesOfTheStagesRateForRangesOfAllParameters) {
  const std::vector<RateRange> ranges = rate_ranges(layout(), 1e-3);
  ASSERT_EQ(ranges.size(), 4u);
  const std::int64_t begins[] = {0, 2, 3, 4}, lengths[] = {2, 1, 1, 1};
  const double factors[] = {1, 4, 1, 0.1};
  for (std::size_t k = 0; k < ranges.size(); ++k) {
    EXPECT_EQ(ranges[k].begin, begins[k]);
    EXPECT_EQ(ranges[k].length, lengths[k]);
    EXPECT_DOUBLE_EQ(ranges[k].factor, factors[k]);
  }
  EXPECT_EQ(rate_ranges(ParameterLayout::of_size(7), 1e-3).size(), 1u);
}

// With a constant gradient each of Adam's steps is the rate: that of the schedule, from one's own beginning on.
TEST(OwnRates, FollowTheScheduleOfAdam) {
  testing::FunctionObjective objective(5, [](const double*, double* g) {
    for (int i = 0; i < 5; ++i) g[i] = 2;
    return 1.0;
  });
  OptimizerOptions options;
  options.learning_rate.kind = "exponential";
  options.learning_rate.start = 1e-3;
  options.learning_rate.decay = 0.5;
  options.learning_rate.every = 10;
  const std::unique_ptr<Optimizer> adam = make_optimizer(options, layout(), 100);
  double x[] = {0, 0, 0, 0, 0};
  for (int step = 0; step < 20; ++step) adam->step(objective, x);
  EXPECT_NEAR(x[2], 4 * x[0], 1e-15);
  EXPECT_EQ(x[3], x[0]);
  EXPECT_NEAR(x[4], 0.1 * x[0], 1e-16);
  EXPECT_LT(x[0], -10e-3);  // 14.4 of the first rate: the schedule halves it in ten steps
  EXPECT_GT(x[0], -16e-3);
}

// L-BFGS has no rates: k moves as c does.
TEST(OwnRates, AreNoMatterToLbfgs) {
  testing::FunctionObjective objective(5, [](const double* x, double* g) {
    double sum = 0;
    for (int i = 0; i < 5; ++i) g[i] = 2 * (x[i] - 1), sum += (x[i] - 1) * (x[i] - 1);
    return sum;
  });
  OptimizerOptions options;
  options.kind = "lbfgs";
  const std::unique_ptr<Optimizer> lbfgs = make_optimizer(options, layout(), 100);
  double x[] = {0, 0, 0, 0, 0};
  lbfgs->step(objective, x);
  EXPECT_EQ(x[2], x[3]);
  EXPECT_NE(x[2], 0);
}

}  // namespace
}  // namespace jetpinn
