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

TEST(Schedule, PiecewiseMultipliesFromEachStepOn) {
  ScheduleOptions options;
  options.kind = "piecewise";
  options.start = 8;
  options.at = {10, 20};
  options.factors = {0.5, 0.25};
  options.warmup = 4;
  EXPECT_EQ(learning_rate(options, 0, 30), 2) << "warm-up";
  EXPECT_EQ(learning_rate(options, 9, 30), 8);
  EXPECT_EQ(learning_rate(options, 10, 30), 4) << "steps are those of the stage, whatever the warm-up";
  EXPECT_EQ(learning_rate(options, 19, 30), 4);
  EXPECT_EQ(learning_rate(options, 20, 30), 1);
  EXPECT_EQ(learning_rate(options, 29, 30), 1);
}

TEST(Schedule, CyclicalRisesAndFallsOncePerPeriodBehindTheWarmup) {
  ScheduleOptions options;
  options.kind = "cyclical";
  options.start = 1;
  options.max = 3;
  options.period = 8;
  options.warmup = 2;
  EXPECT_EQ(learning_rate(options, 0, 100), 0.5);
  const double expected[] = {1, 1.5, 2, 2.5, 3, 2.5, 2, 1.5};
  for (int step = 0; step < 24; ++step)
    EXPECT_NEAR(learning_rate(options, 2 + step, 100), expected[step % 8], 3 * tolerance) << step;
}

TEST(Schedule, OneCycleRisesFallsAndEnds) {
  ScheduleOptions options;
  options.kind = "one_cycle";
  options.start = 1;
  options.max = 10;
  options.end = 0.5;
  options.warmup = 10;
  const auto rate = [&](int step) { return learning_rate(options, step, 110); };
  EXPECT_NEAR(rate(4), 0.5, tolerance);
  EXPECT_NEAR(rate(10), 1, tolerance);
  EXPECT_NEAR(rate(25), 4, 10 * tolerance);
  EXPECT_NEAR(rate(55), 10, 10 * tolerance);
  EXPECT_NEAR(rate(70), 7, 10 * tolerance);
  EXPECT_NEAR(rate(100), 1, 10 * tolerance);
  EXPECT_NEAR(rate(105), 0.75, 10 * tolerance);
  EXPECT_NEAR(rate(110), 0.5, 10 * tolerance);
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
