#include "jetpinn/optim/schedule.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

constexpr double tolerance = 10 * std::numeric_limits<double>::epsilon();

TEST(Schedule, Constant) {
  ScheduleOptions options;
  options.start = 0.25;
  EXPECT_EQ(learning_rate(options, 0, 10), 0.25);
  EXPECT_EQ(learning_rate(options, 9, 10), 0.25);
}

TEST(Schedule, WarmupRisesLinearlyAndEndsAtTheStart) {
  ScheduleOptions options;
  options.start = 1;
  options.warmup = 4;
  const double expected[] = {0.25, 0.5, 0.75, 1, 1};
  for (int step = 0; step < 5; ++step) EXPECT_NEAR(learning_rate(options, step, 10), expected[step], tolerance) << step;
}

TEST(Schedule, ExponentialHalvesEveryHalfLife) {
  ScheduleOptions options;
  options.kind = "exponential";
  options.start = 8;
  options.decay = 0.5;
  options.every = 100;
  EXPECT_NEAR(learning_rate(options, 0, 1000), 8, 8 * tolerance);
  EXPECT_NEAR(learning_rate(options, 100, 1000), 4, 8 * tolerance);
  EXPECT_NEAR(learning_rate(options, 50, 1000), 8 * std::sqrt(0.5), 8 * tolerance);
}

TEST(Schedule, CosineGoesFromStartToEndAfterWarmup) {
  ScheduleOptions options;
  options.kind = "cosine";
  options.start = 2;
  options.end = 1;
  options.warmup = 10;
  EXPECT_NEAR(learning_rate(options, 10, 110), 2, tolerance * 2);
  EXPECT_NEAR(learning_rate(options, 60, 110), 1.5, tolerance * 2);
  EXPECT_NEAR(learning_rate(options, 110, 110), 1, tolerance * 2);
}

}  // namespace
}  // namespace jetpinn
