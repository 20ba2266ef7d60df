#include "jetpinn/optim/adaptive_rate.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

constexpr double rate_tolerance = 10 * std::numeric_limits<double>::epsilon();

ScheduleOptions adaptive_schedule(const std::string& kind) {
  ScheduleOptions options;
  options.kind = kind;
  options.start = 0.5;
  return options;
}

TEST(AdaptiveRate, LeavesOtherSchedulesAlone) {
  for (const char* kind : {"constant", "exponential", "cosine", "piecewise", "cyclical", "one_cycle"}) {
    AdaptiveRate rate(adaptive_schedule(kind));
    for (int step = 0; step < 5; ++step) EXPECT_EQ(rate.factor(step, 1, 3), 1);
    EXPECT_TRUE(rate.state().empty());
  }
}

TEST(AdaptiveRate, FallsWithTheGradientsThatItMet) {
  AdaptiveRate rate(adaptive_schedule("gradient_norm"));
  EXPECT_EQ(rate.factor(0, 1, 2), 1);
  EXPECT_NEAR(rate.factor(1, 1, 2), 1 / std::sqrt(2), rate_tolerance);
  EXPECT_NEAR(rate.factor(2, 1, 4), 2 / std::sqrt(4 + 4 + 16), rate_tolerance);
  EXPECT_NEAR(rate.factor(3, 1, 0), 2 / std::sqrt(4 + 4 + 16), rate_tolerance) << "small gradients leave it";
  AdaptiveRate from_zero(adaptive_schedule("gradient_norm"));
  EXPECT_EQ(from_zero.factor(0, 1, 0), 1);
  EXPECT_EQ(from_zero.factor(1, 1, 3), 1);
}

TEST(AdaptiveRate, FallsWhereTheLossStalls) {
  ScheduleOptions options = adaptive_schedule("stall");
  options.every = 2;
  options.decay = 0.5;
  options.factor = 0.9;
  AdaptiveRate rate(options);
  // means of two: 10, 8 (falls), 7.5 (not below 7.2), 9 (nor this), 7 (above 0.9 * 7.5, not of 9)
  const double losses[] = {11, 9, 8, 8, 7, 8, 9, 9, 6, 8};
  const double factors[] = {1, 1, 1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125};
  for (int step = 0; step < 10; ++step) EXPECT_EQ(rate.factor(step, losses[step], 1), factors[step]) << step;
}

TEST(AdaptiveRate, StaysAboveItsEnd) {
  ScheduleOptions options = adaptive_schedule("stall");
  options.every = 1;
  options.decay = 0.5;
  options.end = 0.2;
  AdaptiveRate stall(options);
  for (int step = 0; step < 9; ++step) stall.factor(step, 1, 1);
  EXPECT_NEAR(stall.factor(9, 1, 1), 0.2 / 0.5, rate_tolerance);
  options.kind = "gradient_norm";
  AdaptiveRate norm(options);
  for (int step = 0; step < 99; ++step) norm.factor(step, 1, 1);
  EXPECT_NEAR(norm.factor(99, 1, 1), 0.2 / 0.5, rate_tolerance);
}

TEST(AdaptiveRate, CountsFromTheEndOfTheWarmup) {
  ScheduleOptions options = adaptive_schedule("gradient_norm");
  options.warmup = 3;
  AdaptiveRate rate(options);
  for (int step = 0; step < 3; ++step) EXPECT_EQ(rate.factor(step, 1, 100), 1);
  EXPECT_EQ(rate.factor(3, 1, 2), 1);
  EXPECT_NEAR(rate.factor(4, 1, 2), 1 / std::sqrt(2), rate_tolerance);
}

// Within a window and between two, with every item of the state, and with none of them.
TEST(AdaptiveRate, GoesOnFromItsState) {
  ScheduleOptions options = adaptive_schedule("stall");
  options.every = 3;
  options.decay = 0.5;
  const double losses[] = {9, 9, 9, 1, 8, 8, 9, 9, 8, 2, 7, 8, 5, 5, 5, 4, 5, 7, 8, 1, 1};
  constexpr int count = 21;
  std::map<std::string, int> needed;
  for (int stop = 0; stop < count; ++stop) {
    AdaptiveRate whole(options), part(options);
    for (int step = 0; step < stop; ++step) whole.factor(step, losses[step], 1);
    const StateValues values = capture(whole.state());
    restore(part.state(), values);
    std::vector<double> expected;
    for (int step = stop; step < count; ++step) {
      expected.push_back(whole.factor(step, losses[step], 1));
      EXPECT_EQ(part.factor(step, losses[step], 1), expected.back()) << stop;
    }
    for (const StateItem& dropped : part.state()) {
      AdaptiveRate without(options);
      for (const StateItem& item : without.state()) {
        if (item.name == dropped.name) continue;
        restore_part({item}, values);
      }
      std::vector<double> factors;
      for (int step = stop; step < count; ++step) factors.push_back(without.factor(step, losses[step], 1));
      needed[dropped.name] += factors != expected;
    }
  }
  EXPECT_EQ(needed.size(), 4u);
  for (const auto& [name, times] : needed) EXPECT_GT(times, 0) << name;
}

}  // namespace
}  // namespace jetpinn
