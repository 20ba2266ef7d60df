#include "jetpinn/train/run_clock.hpp"

#include "jetpinn/base/region.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(RunClock, CountsThisProcessAndAddsWhatCameBefore) {
  RunClock first(wall_seconds() - 100, 0);
  EXPECT_GE(first.process_seconds(), 100);
  EXPECT_LT(first.process_seconds(), 160);
  EXPECT_EQ(first.agreed_seconds(), 0) << "no evaluation yet";
  first.agree(40);
  RunClock second(wall_seconds() - 7, 0);
  restore(second.state(), capture(first.state()));
  second.go_on();
  EXPECT_EQ(second.agreed_seconds(), 40);
  EXPECT_GE(second.training_seconds(), 47);
  EXPECT_LT(second.training_seconds(), 107);
  second.agree(48);
  EXPECT_EQ(second.agreed_seconds(), 48);
  EXPECT_GE(second.training_seconds(), 47) << "an agreed time changes no clock";
}

TEST(RunClock, KnowsWhetherThisProcessTookAStep) {
  RunClock clock(wall_seconds() - 1, 0);
  clock.agree(1);
  EXPECT_FALSE(clock.took_step());
  clock.end_step();
  EXPECT_TRUE(clock.took_step());
}

TEST(RunClock, NoLimitIsNeverNear) { EXPECT_FALSE(RunClock(wall_seconds() - 1e6, 0).limit_is_near(1e9, 1e9)); }

// What must fit: 2 s, three steps, three checkpoints, two evaluations; of a short limit at most the half.
TEST(RunClock, TheLimitIsNearWhereTheEndWouldNotFit) {
  RunClock clock(wall_seconds() - 600, 1000);
  EXPECT_FALSE(clock.limit_is_near(0, 0));
  EXPECT_FALSE(clock.limit_is_near(100, 0));
  EXPECT_TRUE(clock.limit_is_near(140, 0));
  EXPECT_FALSE(clock.limit_is_near(0, 150));
  EXPECT_TRUE(clock.limit_is_near(0, 200));
  clock.end_step();   // the step took 600 s: no other one fits
  EXPECT_TRUE(clock.limit_is_near(0, 0));
  const RunClock early(wall_seconds() - 330, 1000), late(wall_seconds() - 501, 1000);
  EXPECT_FALSE(early.limit_is_near(1e6, 0));
  EXPECT_TRUE(late.limit_is_near(1e6, 0));
}

TEST(RunClock, ALongStepIsForgottenSlowly) {
  RunClock clock(wall_seconds() - 600, 1000);
  clock.end_step();   // 600 s, then short ones
  clock.end_step();
  EXPECT_TRUE(clock.limit_is_near(0, 0));
  for (int step = 0; step < 100; ++step) clock.end_step();
  EXPECT_FALSE(clock.limit_is_near(0, 0));
}

}  // namespace
}  // namespace jetpinn
