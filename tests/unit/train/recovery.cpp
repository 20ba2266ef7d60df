#include "jetpinn/train/recovery.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using Verdict = Recovery::Verdict;

RecoveryOptions options() {
  RecoveryOptions options;
  options.skips_allowed = 3;
  options.snapshot_every = 4;
  options.roll_backs_allowed = 2;
  return options;
}

StepReport recovery_report(bool skipped) {
  StepReport report;
  report.skipped = skipped;
  return report;
}

// Steps first .. last, parameters {step}; the verdict of the last one.
Verdict take(Recovery& recovery, std::int64_t first, std::int64_t last, bool skipped) {
  Verdict verdict = Verdict::sound;
  for (std::int64_t step = first; step <= last; ++step) {
    recovery.before_step(step, {static_cast<double>(step)});
    verdict = recovery.after_step(recovery_report(skipped));
  }
  return verdict;
}

TEST(Recovery, TakesASnapshotWhenDueAndProvedSound) {
  Recovery recovery(options());
  EXPECT_TRUE(recovery.snapshot().empty());
  EXPECT_EQ(take(recovery, 0, 3, false), Verdict::sound);
  EXPECT_EQ(recovery.snapshot().values(), std::vector<double>{0});
  recovery.before_step(4, {4});
  EXPECT_EQ(recovery.snapshot_step(), 0);   // not yet proved
  EXPECT_EQ(recovery.after_step(recovery_report(true)), Verdict::skipped);
  EXPECT_EQ(recovery.snapshot_step(), 0);   // and found unsound
  take(recovery, 5, 5, false);
  EXPECT_EQ(recovery.snapshot_step(), 0);   // nothing is proved of parameters that were not seen before a skip
  take(recovery, 6, 6, false);
  EXPECT_EQ(recovery.snapshot().values(), std::vector<double>{6});
}

TEST(Recovery, SkipsThenGoesBackThenGivesUp) {
  Recovery recovery(options());
  take(recovery, 0, 0, false);
  EXPECT_EQ(take(recovery, 1, 2, true), Verdict::skipped);
  EXPECT_EQ(take(recovery, 3, 3, true), Verdict::roll_back);
  EXPECT_EQ(recovery.describe_roll_back(3),
            "loss or gradient not finite since step 1: back to the parameters of step 0, learning rate times 0.5");
  EXPECT_EQ(take(recovery, 4, 6, true), Verdict::roll_back);
  EXPECT_EQ(take(recovery, 7, 9, true), Verdict::give_up);
  EXPECT_EQ(recovery.skipped_steps(), 9);
  EXPECT_EQ(recovery.roll_backs(), 2);
}

TEST(Recovery, ASoundStepEndsTheRow) {
  Recovery recovery(options());
  take(recovery, 0, 0, false);
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(take(recovery, 1, 2, true), Verdict::skipped);
    EXPECT_EQ(take(recovery, 3, 3, false), Verdict::sound);
  }
}

TEST(Recovery, GivesUpWhereNothingWasSound) {
  Recovery recovery(options());
  EXPECT_EQ(take(recovery, 0, 2, true), Verdict::give_up);
}

TEST(Recovery, GoesOnFromItsState) {
  Recovery one(options()), two(options());
  take(one, 0, 0, false);
  take(one, 1, 3, true);
  take(one, 4, 4, false);
  restore(two.state(), capture(one.state()));
  for (Recovery* recovery : {&one, &two}) {
    EXPECT_EQ(take(*recovery, 5, 7, true), Verdict::roll_back);
    EXPECT_EQ(recovery->snapshot().values(), std::vector<double>{4});
    EXPECT_EQ(take(*recovery, 8, 10, true), Verdict::give_up);
    EXPECT_EQ(recovery->skipped_steps(), 9);
  }
}

}  // namespace
}  // namespace jetpinn
