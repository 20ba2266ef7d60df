#include "jetpinn/train/last_step.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

StepReport step_report() {
  StepReport report;
  report.loss = 4;
  report.gradient_norm = 0.5;
  report.learning_rate = 1e-3;
  return report;
}

Agreed agreed(double scale) {
  Agreed agreed;
  agreed.terms = {scale, 2 * scale};
  agreed.weighted = {scale, 3 * scale};
  return agreed;
}

TEST(LastStep, TellsItsFiguresToALog) {
  LastStep last;
  last.account(step_report(), agreed(1));
  StepRecord record;
  last.tell(record);
  EXPECT_EQ(record.loss, 4);
  EXPECT_EQ(record.gradient_norm, 0.5);
  EXPECT_EQ(record.learning_rate, 1e-3);
  EXPECT_EQ(record.terms, (std::vector<double>{1, 2}));
  EXPECT_EQ(record.shares, (std::vector<double>{0.25, 0.75}));
}

TEST(LastStep, TheSummaryTellsOfTheNetworkThatIsLeft) {
  LastStep last;
  last.account(step_report(), agreed(1));
  last.settle(2, agreed(0.5));
  RunSummary summary;
  last.tell(summary);
  EXPECT_EQ(summary.loss, 2);
  EXPECT_EQ(summary.terms, (std::vector<double>{0.5, 1}));
  EXPECT_EQ(summary.shares, (std::vector<double>{0.25, 0.75}));
  EXPECT_EQ(last.report().loss, 4) << "the step keeps its own";
}

TEST(LastStep, ALossOfZeroHasNoShares) {
  LastStep last;
  last.account(step_report(), agreed(0));
  RunSummary summary;
  last.tell(summary);
  EXPECT_EQ(summary.shares, (std::vector<double>{0, 0}));
}

TEST(LastStep, ACheckpointKeepsIt) {
  LastStep before, after;
  before.account(step_report(), agreed(1));
  restore(after.state(), capture(before.state()));
  after.go_on();
  EXPECT_EQ(after.loss(), 4);
  StepRecord record;
  after.tell(record);
  EXPECT_EQ(record.learning_rate, 1e-3);
  EXPECT_EQ(record.shares, (std::vector<double>{0.25, 0.75}));
}

}  // namespace
}  // namespace jetpinn
