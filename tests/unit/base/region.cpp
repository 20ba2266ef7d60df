#include "jetpinn/base/region.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jetpinn {
namespace {

constexpr double rounding = 1e-9;   // of a hundred sums of seconds since the machine's start: 1e6 s hold 1e-10

double sum(const RegionTimes& times) {
  double total = 0;
  for (double seconds : times.seconds) total += seconds;
  return total;
}

void spin(double seconds) {
  const double until = wall_seconds() + seconds;
  while (wall_seconds() < until) {}
}

struct Script : RegionListener {
  void push(const char* label) noexcept override { lines.push_back(std::string("+") + label); }
  void pop() noexcept override { lines.push_back("-"); }
  std::vector<std::string> lines;
};

// First of all: what the account was before the process had a region belongs to start-up.
TEST(Region, StartupCountsFromTheBeginThatWasTold) {
  const double begin = wall_seconds() - 5;
  begin_regions(begin);
  {
    ScopedRegion region(Region::sampling);
    spin(0.01);
  }
  spin(0.01);
  double now = 0;
  const RegionTimes before = region_times(&now);
  EXPECT_GE(before[Region::startup], 5.01);
  EXPECT_GE(before[Region::sampling], 0.01);
  EXPECT_NEAR(sum(before), now - begin, rounding);
  EXPECT_EQ(before[Region::other], 0);

  end_startup();
  {
    ScopedRegion region(Region::startup);   // there is no way back
    spin(0.01);
  }
  const double ended = now;
  const RegionTimes after = region_times(&now);
  EXPECT_LE(after[Region::startup] - before[Region::startup] + after[Region::other], now - ended + rounding);
  EXPECT_GE(after[Region::other], 0.01);
  EXPECT_NEAR(sum(after), now - begin, rounding);
}

TEST(Region, AnotherRunHasAnAccountOfItsOwn) {
  {
    ScopedRegion region(Region::sampling);
    spin(0.01);
  }
  const double begin = wall_seconds();
  begin_regions(begin);
  spin(0.01);
  double now = 0;
  const RegionTimes times = region_times(&now);
  EXPECT_EQ(times[Region::sampling], 0);
  EXPECT_NEAR(times[Region::startup], now - begin, rounding);
  EXPECT_NEAR(sum(times), now - begin, rounding);
  end_startup();
}

TEST(Region, AnInnerRegionInterruptsTheOuterOne) {
  double begin = 0, inside = 0, behind = 0, now = 0;
  const RegionTimes before = region_times(&begin);
  {
    ScopedRegion outer(Region::optimizer);
    spin(0.02);
    inside = wall_seconds();
    {
      ScopedRegion inner(Region::allreduce);
      spin(0.03);
    }
    behind = wall_seconds();
    spin(0.02);
  }
  const RegionTimes after = region_times(&now);
  const double inner = after[Region::allreduce] - before[Region::allreduce],
               outer = after[Region::optimizer] - before[Region::optimizer];
  EXPECT_GE(inner, 0.03 - rounding);
  EXPECT_LE(inner, behind - inside + rounding);
  EXPECT_GE(outer, 0.04 - rounding);
  EXPECT_LE(outer, now - begin - inner + rounding);
  EXPECT_NEAR(sum(after) - sum(before), now - begin, rounding);
}

TEST(Region, MovedTimeKeepsTheSum) {
  const RegionTimes before = region_times();
  move_region_time(Region::product, Region::tape, 0.25);
  const RegionTimes after = region_times();
  EXPECT_NEAR(after[Region::tape] - before[Region::tape], 0.25, 1e-9);
  EXPECT_NEAR(after[Region::product] - before[Region::product], -0.25, 1e-9);
  move_region_time(Region::tape, Region::product, 0.25);
}

TEST(Region, ListenersHearRegionsAndLabelsNested) {
  Script first, second, third;
  ASSERT_TRUE(add_region_listener(first));
  {
    ScopedLabel step("jetpinn::step");
    ScopedRegion region(Region::product, "jetpinn::loss_and_gradient");
    push_region(Region::tape);
    pop_region();
    ScopedRegion inner(Region::idle);
  }
  const std::vector<std::string> expected = {
      "+jetpinn::step", "+jetpinn::loss_and_gradient", "+jetpinn::tape", "-", "+jetpinn::idle", "-", "-", "-"};
  EXPECT_EQ(first.lines, expected);

  ASSERT_TRUE(add_region_listener(second));
  EXPECT_FALSE(add_region_listener(third));
  remove_region_listener(first);
  { ScopedLabel label("jetpinn::evaluate"); }
  EXPECT_EQ(first.lines, expected);
  EXPECT_EQ(second.lines, (std::vector<std::string>{"+jetpinn::evaluate", "-"}));
  remove_region_listener(second);
}

TEST(Region, EveryNameIsItsOwn) {
  EXPECT_STREQ(to_string(Region::startup), "startup");
  EXPECT_STREQ(to_string(Region::evaluation), "evaluation");
  EXPECT_STREQ(to_string(Region::idle), "idle");
  EXPECT_STREQ(to_string(Region::other), "other");
}

}  // namespace
}  // namespace jetpinn
