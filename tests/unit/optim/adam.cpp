#include "jetpinn/optim/adam.hpp"

#include "support/functions.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace jetpinn {
namespace {

OptimizerOptions with_rate(double rate) {
  OptimizerOptions options;
  options.learning_rate.start = rate;
  return options;
}

testing::FunctionObjective constant_gradient(std::vector<double> values) {
  return {static_cast<std::int64_t>(values.size()), [values](const double*, double* g) {
            std::copy(values.begin(), values.end(), g);
            return 1.0;
          }};
}

// With a constant gradient both corrected moments are the gradient and its square at every step:
// each step moves by rate * sign.
TEST(Adam, ConstantGradientMovesByTheRate) {
  auto objective = constant_gradient({3, -0.5});
  Adam adam(with_rate(0.125), ParameterLayout::of_size(2), 100);
  double x[] = {1, 2};
  for (int step = 1; step <= 5; ++step) {
    const StepReport report = adam.step(objective, x);
    EXPECT_EQ(report.evaluations, 1);
    EXPECT_NEAR(x[0], 1 - 0.125 * step, 1e-7);   // epsilon 1e-8 beside |g|
    EXPECT_NEAR(x[1], 2 + 0.125 * step, 1e-7);
  }
}

TEST(Adam, FollowsTheTwoStepsDoneByHand) {
  int call = 0;
  testing::FunctionObjective objective(1, [&](const double*, double* g) {
    g[0] = call++ == 0 ? 2.0 : -1.0;
    return 1.0;
  });
  Adam adam(with_rate(0.1), ParameterLayout::of_size(1), 10);
  double x = 0;
  adam.step(objective, &x);
  EXPECT_NEAR(x, -0.1 * 2 / (2 + 1e-8), 1e-15);
  adam.step(objective, &x);
  // m = 0.9 * 0.2 - 0.1 = 0.08, v = 0.999 * 0.004 + 0.001 = 0.004996
  const double m = 0.08 / (1 - 0.81), v = 0.004996 / (1 - 0.999 * 0.999);
  EXPECT_NEAR(x, -0.1 * 2 / (2 + 1e-8) - 0.1 * m / (std::sqrt(v) + 1e-8), 1e-13);   // 1 - 0.999^2 loses three digits
}

TEST(Adam, ClipsByTheNorm) {
  auto objective = constant_gradient({3, 4});
  OptimizerOptions options = with_rate(1);
  options.clip = 1;
  options.epsilon = 1;   // makes the step depend on the gradient's length
  Adam adam(options, ParameterLayout::of_size(2), 10);
  double x[] = {0, 0};
  const StepReport report = adam.step(objective, x);
  EXPECT_DOUBLE_EQ(report.gradient_norm, 5);
  EXPECT_NEAR(x[0], -0.6 / 1.6, 1e-14);
  EXPECT_NEAR(x[1], -0.8 / 1.8, 1e-14);
}

TEST(Adam, SkipsWhatIsNotFinite) {
  testing::FunctionObjective objective(1, [](const double*, double* g) {
    g[0] = std::numeric_limits<double>::quiet_NaN();
    return 1.0;
  });
  Adam adam(with_rate(0.1), ParameterLayout::of_size(1), 10);
  double x = 7;
  EXPECT_TRUE(adam.step(objective, &x).skipped);
  EXPECT_EQ(x, 7);
  EXPECT_EQ(std::get<std::vector<double>>(capture(adam.state()).at("first_moment"))[0], 0)
      << "the moments must not see it either";
}

// All weights zero: nothing moves. A zero on the way is no end, for the moments carry on.
TEST(Adam, SaysThatTheGradientIsZero) {
  auto flat = constant_gradient({0, 0});
  Adam adam(with_rate(0.1), ParameterLayout::of_size(2), 10);
  double x[] = {1, 2};
  const StepReport report = adam.step(flat, x);
  EXPECT_EQ(report.finished.find("the gradient is zero"), 0u) << report.finished;
  EXPECT_EQ(report.reason, "gradient is zero");
  EXPECT_EQ(x[0], 1);
  EXPECT_EQ(x[1], 2);
  int call = 0;
  testing::FunctionObjective pause(1, [&](const double*, double* g) {
    g[0] = call++ == 1 ? 0 : 1;
    return 1.0;
  });
  Adam moving(with_rate(0.1), ParameterLayout::of_size(1), 10);
  for (int step = 0; step < 3; ++step) EXPECT_EQ(moving.step(pause, x).finished, "");
}

// After a roll-back: one step of half the rate from moments that know nothing, at the schedule's place.
TEST(Adam, RestartForgetsTheGradientsAndKeepsTheSchedule) {
  int call = 0;
  testing::FunctionObjective objective(1, [&](const double*, double* g) {
    g[0] = call++ < 3 ? 5.0 : -2.0;
    return 1.0;
  });
  OptimizerOptions options = with_rate(0.125);
  options.learning_rate.kind = "exponential";
  options.learning_rate.decay = 0.5;
  options.learning_rate.every = 1;
  Adam adam(options, ParameterLayout::of_size(1), 10);
  double x = 0;
  for (int step = 0; step < 3; ++step) adam.step(objective, &x);
  adam.restart(0.5);
  x = 0;
  EXPECT_EQ(adam.step(objective, &x).learning_rate, 0.5 * 0.125 / 8);
  EXPECT_NEAR(x, 0.5 * 0.125 / 8, 1e-9);   // rate * sign, as in a first step; with the old moments it would go the other way
  adam.restart(0.5);
  EXPECT_EQ(adam.step(objective, &x).learning_rate, 0.25 * 0.125 / 16) << "the factors of two restarts multiply";
}

}  // namespace
}  // namespace jetpinn
