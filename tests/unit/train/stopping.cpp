#include "jetpinn/train/stopping.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

Agreed at(double time_s, bool stop = false) {
  Agreed agreed;
  agreed.time_s = time_s;
  agreed.stop_requested = stop;
  return agreed;
}

StepReport with_loss(double loss) {
  StepReport report;
  report.loss = loss;
  return report;
}

TEST(Stopping, GoesOnWithoutReason) { EXPECT_EQ(Stopping(StopOptions{}).reason(at(1e9), with_loss(0), {}), ""); }

TEST(Stopping, SignalComesFirst) {
  StopOptions options;
  options.time_s = 1;
  EXPECT_EQ(Stopping(options).reason(at(2, true), with_loss(1), {}), "signal");
}

TEST(Stopping, TimeIsTheConfigsOrTheProcesss) {
  StopOptions options;
  options.time_s = 10;
  EXPECT_EQ(Stopping(options).reason(at(6), with_loss(1), {}), "");
  EXPECT_EQ(Stopping(options).reason(at(10), with_loss(1), {}), "time");
  Agreed agreed = at(6);
  agreed.time_is_up = true;
  EXPECT_EQ(Stopping(options).reason(agreed, with_loss(1), {}), "time");
}

TEST(Stopping, ErrorMustHoldForEveryField) {
  StopOptions options;
  options.error = 1e-3;
  Stopping stopping(options);
  EXPECT_EQ(stopping.reason(at(0), with_loss(1), {}), "");
  EXPECT_EQ(stopping.reason(at(0), with_loss(1), {{"u", 1e-4, 1}, {"v", 1e-2, 1}}), "");
  EXPECT_EQ(stopping.reason(at(0), with_loss(1), {{"u", 1e-4, 1}, {"v", 1e-3, 1}}), "error");
}

TEST(Stopping, StallsWhenAWindowBringsTooLittle) {
  StopOptions options;
  options.stall_steps = 3;
  options.stall_factor = 0.9;
  Stopping stopping(options);
  // windows of three: best 8, then 7 (better than 0.9 * 8), then 6.5 (not better than 0.9 * 7)
  const double losses[] = {10, 9, 8, 7.5, 7, 7.2, 6.9, 6.5, 6.6};
  for (int i = 0; i < 8; ++i) EXPECT_EQ(stopping.reason(at(0), with_loss(losses[i]), {}), "") << i;
  EXPECT_EQ(stopping.reason(at(0), with_loss(losses[8]), {}), "stall");
}

// In batches most steps have no loss to compare: a window lasts until it has one.
TEST(Stopping, NoStallIsSeenWhereNoLossIsKnown) {
  StopOptions options;
  options.stall_steps = 2;
  options.stall_factor = 0.9;
  Stopping stopping(options);
  const double none = std::numeric_limits<double>::infinity();
  const double losses[] = {none, none, none, 8, none, none, none, 7, none, none, none};
  for (const double loss : losses) EXPECT_EQ(stopping.reason(at(0), with_loss(loss), {}), "");
  EXPECT_EQ(stopping.reason(at(0), with_loss(6.9), {}), "stall");
}

// A run that is stopped at a step and goes on later must stall where one never stopped does.
TEST(Stopping, NoStallIsSeenAcrossAnotherLoss) {
  StopOptions options;
  options.stall_steps = 2;
  Stopping stopping(options);
  for (int step = 0; step < 3; ++step) EXPECT_EQ(stopping.reason(at(0), with_loss(1), {}), "");
  stopping.objective_changed();
  for (int step = 0; step < 3; ++step) EXPECT_EQ(stopping.reason(at(0), with_loss(7), {}), "");
  EXPECT_EQ(stopping.reason(at(0), with_loss(7), {}), "stall");
}

TEST(Stopping, AStepThatIsStoppedAtCountsForTheStall) {
  StopOptions options;
  options.stall_steps = 2;
  Stopping alone(options), interrupted(options);
  for (int step = 0; step < 3; ++step) {
    EXPECT_EQ(alone.reason(at(0), with_loss(1), {}), "");
    EXPECT_EQ(interrupted.reason(at(0, step == 1), with_loss(1), {}), step == 1 ? "signal" : "");
  }
  Stopping resumed(options);
  restore(resumed.state(), capture(interrupted.state()));
  EXPECT_EQ(alone.reason(at(0), with_loss(1), {}), "stall");
  EXPECT_EQ(resumed.reason(at(0), with_loss(1), {}), "stall");
}

}  // namespace
}  // namespace jetpinn
