#include "jetpinn/train/run_end.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

Agreed calm() { return {}; }
Agreed signal() {
  Agreed agreed;
  agreed.stop_requested = true;
  return agreed;
}
Agreed process_limit() {
  Agreed agreed;
  agreed.time_is_up = true;
  return agreed;
}

StepReport loss_of(double loss) {
  StepReport report;
  report.loss = loss;
  return report;
}

StopOptions at_loss(double loss) {
  StopOptions options;
  options.loss = loss;
  return options;
}

// What a run finds that goes on from the checkpoint of this one.
RunEnd resumed(RunEnd& from, const StopOptions& options, bool longer = false) {
  RunEnd end(options);
  restore(end.state(), capture(from.state()));
  end.go_on(longer);
  return end;
}

TEST(RunEnd, GoesOnUntilAReasonComes) {
  RunEnd end(at_loss(1));
  EXPECT_TRUE(end.running());
  end.account(calm(), loss_of(2), {});
  EXPECT_TRUE(end.running());
  end.account(calm(), loss_of(1), {});
  EXPECT_FALSE(end.running());
  EXPECT_FALSE(end.interrupted());
  EXPECT_EQ(end.status(), "completed");
}

TEST(RunEnd, ASignalAndTheLimitOfTheProcessInterrupt) {
  for (const Agreed& agreed : {signal(), process_limit()}) {
    RunEnd end(at_loss(1));
    end.account(agreed, loss_of(2), {});
    EXPECT_FALSE(end.running());
    EXPECT_TRUE(end.interrupted());
    EXPECT_EQ(end.status(), "stopped");
    EXPECT_TRUE(resumed(end, at_loss(1)).running());
  }
}

// training.stop.time is an end like others.
TEST(RunEnd, TheTimeOfTheTrainingCompletesIt) {
  StopOptions options;
  options.time_s = 10;
  RunEnd end(options);
  Agreed late;
  late.time_s = 11;
  end.account(late, loss_of(2), {});
  EXPECT_FALSE(end.running());
  EXPECT_EQ(end.status(), "completed");
  EXPECT_FALSE(resumed(end, options).running());
}

TEST(RunEnd, ARunThatEndedGoesOnUnderALongerPlanAlone) {
  RunEnd end(at_loss(1));
  end.account(calm(), loss_of(0.5), {});
  const std::vector<StageOptions> stages;
  EXPECT_EQ(resumed(end, at_loss(1)).reason(StageEnds(stages)), "loss");
  RunEnd longer = resumed(end, at_loss(0.1), true);
  EXPECT_TRUE(longer.running());
  longer.account(signal(), loss_of(0.4), {});
  EXPECT_TRUE(resumed(longer, at_loss(0.1)).running()) << "the end that it once came to is none of this plan";
}

TEST(RunEnd, WithoutAReasonOfItsOwnTheLastStageHasOne) {
  std::vector<StageOptions> stages(1);
  stages[0].steps = 3;
  StageEnds ends(stages);
  const RunEnd end(at_loss(1));
  EXPECT_EQ(end.reason(ends), "steps") << "no step at all";
  StepReport report = loss_of(2);
  report.finished = "a sentence";
  report.reason = "line search";
  ends.account(0, report);
  EXPECT_EQ(end.reason(ends), "line search");
}

TEST(RunEnd, WhatAStallIsMeasuredByGoesOn) {
  StopOptions options;
  options.stall_steps = 2;
  RunEnd whole(options), part(options);
  for (int step = 0; step < 3; ++step) whole.account(calm(), loss_of(2), {}), part.account(calm(), loss_of(2), {});
  RunEnd rest = resumed(part, options);
  whole.account(calm(), loss_of(2), {});
  rest.account(calm(), loss_of(2), {});
  EXPECT_FALSE(whole.running());
  EXPECT_FALSE(rest.running());
}

}  // namespace
}  // namespace jetpinn
