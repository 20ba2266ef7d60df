#include "jetpinn/base/region.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jetpinn {
namespace {

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
  const RegionTimes before = region_times();
  EXPECT_NEAR(before[Region::startup], 5.01, 0.1);
  EXPECT_NEAR(sum(before), wall_seconds() - begin, 0.005);
  EXPECT_EQ(before[Region::other], 0);

  end_startup();
  {
    ScopedRegion region(Region::startup);   // there is no way back
    spin(0.01);
  }
  const RegionTimes after = region_times();
  EXPECT_NEAR(after[Region::startup], before[Region::startup], 0.005);
  EXPECT_GE(after[Region::other], 0.01);
  EXPECT_NEAR(sum(after), wall_seconds() - begin, 0.005);
}

TEST(Region, AnInnerRegionInterruptsTheOuterOne) {
  const RegionTimes before = region_times();
  const double begin = wall_seconds();
  {
    ScopedRegion outer(Region::optimizer);
    spin(0.02);
    {
      ScopedRegion inner(Region::allreduce);
      spin(0.03);
    }
    spin(0.02);
  }
  const double elapsed = wall_seconds() - begin;
  const RegionTimes after = region_times();
  EXPECT_NEAR(after[Region::allreduce] - before[Region::allreduce], 0.03, 0.01);
  EXPECT_NEAR(after[Region::optimizer] - before[Region::optimizer], 0.04, 0.01);
  EXPECT_NEAR(sum(after) - sum(before), elapsed, 0.002);
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
  const std::vector<std::string> expected = {"+jetpinn::step", "+jetpinn::loss_and_gradient", "+jetpinn::tape", "-", "+jetpinn::idle", "-", "-", "-"};
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
