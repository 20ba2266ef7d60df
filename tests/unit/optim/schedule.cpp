#include "jetpinn/optim/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

constexpr double tolerance = 10 * std::numeric_limits<double>::epsilon();

ScheduleOptions schedule(const std::string& kind, double start, std::int64_t warmup = 0) {
  ScheduleOptions options;
  options.kind = kind;
  options.start = start;
  options.warmup = warmup;
  return options;
}

// rates: (step, rate), to a rounding of the largest of them.
void expect_rates(const ScheduleOptions& options, std::int64_t steps, const std::vector<std::pair<int, double>>& rates) {
  double largest = 0;
  for (const auto& [step, rate] : rates) largest = std::max(largest, rate);
  for (const auto& [step, rate] : rates)
    EXPECT_NEAR(learning_rate(options, step, steps), rate, largest * tolerance) << options.kind << ", step " << step;
}

TEST(Schedule, Constant) {
  ScheduleOptions options;
  options.start = 0.25;
  EXPECT_EQ(learning_rate(options, 0, 10), 0.25);
  EXPECT_EQ(learning_rate(options, 9, 10), 0.25);
}

TEST(Schedule, WarmupRisesLinearlyAndEndsAtTheStart) {
  expect_rates(schedule("constant", 1, 4), 10, {{0, 0.25}, {1, 0.5}, {2, 0.75}, {3, 1}, {4, 1}});
}

TEST(Schedule, ExponentialHalvesEveryHalfLife) {
  ScheduleOptions options = schedule("exponential", 8);
  options.decay = 0.5;
  options.every = 100;
  expect_rates(options, 1000, {{0, 8}, {50, 8 * std::sqrt(0.5)}, {100, 4}});
}

// Steps are those of the stage, whatever the warm-up.
TEST(Schedule, PiecewiseMultipliesFromEachStepOn) {
  ScheduleOptions options = schedule("piecewise", 8, 4);
  options.at = {10, 20};
  options.factors = {0.5, 0.25};
  expect_rates(options, 30, {{0, 2}, {9, 8}, {10, 4}, {19, 4}, {20, 1}, {29, 1}});
}

TEST(Schedule, CyclicalRisesAndFallsOncePerPeriodBehindTheWarmup) {
  ScheduleOptions options = schedule("cyclical", 1, 2);
  options.max = 3;
  options.period = 8;
  std::vector<std::pair<int, double>> rates = {{0, 0.5}};
  const double expected[] = {1, 1.5, 2, 2.5, 3, 2.5, 2, 1.5};
  for (int step = 0; step < 24; ++step) rates.emplace_back(2 + step, expected[step % 8]);
  expect_rates(options, 100, rates);
}

TEST(Schedule, OneCycleRisesFallsAndEnds) {
  ScheduleOptions options = schedule("one_cycle", 1, 10);
  options.max = 10;
  options.end = 0.5;
  expect_rates(options, 110, {{4, 0.5}, {10, 1}, {25, 4}, {55, 10}, {70, 7}, {100, 1}, {105, 0.75}, {110, 0.5}});
}

TEST(Schedule, CosineGoesFromStartToEndAfterWarmup) {
  ScheduleOptions options = schedule("cosine", 2, 10);
  options.end = 1;
  expect_rates(options, 110, {{10, 2}, {60, 1.5}, {110, 1}});
}

}  // namespace
}  // namespace jetpinn
