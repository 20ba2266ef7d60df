#include "jetpinn/train/stage_ends.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

StepReport report_of(double loss, const std::string& reason = "") {
  StepReport report;
  report.loss = loss;
  report.reason = reason;
  report.finished = reason.empty() ? "" : "a sentence";
  return report;
}

std::vector<StageOptions> three_stages() {
  std::vector<StageOptions> stages(3);
  stages[0].steps = 2;
  stages[1].steps = 0;   // skipped
  stages[2].steps = 5;
  stages[2].optimizer.kind = "lbfgs";
  return stages;
}

TEST(StageEnds, TellWhyEachEnded) {
  const auto stages = three_stages();
  StageEnds ends(stages);
  EXPECT_TRUE(ends.list("").empty());
  EXPECT_TRUE(std::isnan(ends.first_loss()));
  ends.account(0, report_of(4));
  EXPECT_EQ(ends.list("signal").back().reason, "signal");
  ends.account(0, report_of(3));
  ends.account(2, report_of(1));
  ends.account(2, report_of(0.5, "line search"));
  EXPECT_TRUE(ends.finished(2));
  EXPECT_FALSE(ends.finished(0));
  const auto list = ends.list("");
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].optimizer + " " + list[0].reason, "adam steps");
  EXPECT_EQ(list[1].optimizer + " " + list[1].reason, "lbfgs line search");
  EXPECT_EQ(list[1].stage, 2);
  EXPECT_EQ(list[1].steps, 2);
  EXPECT_EQ(list[1].planned, 5);
  EXPECT_EQ(list[1].loss, 0.5);
  EXPECT_EQ(ends.first_loss(), 4);
}

TEST(StageEnds, GoOnUnderALongerPlanAndAfterACheckpoint) {
  auto stages = three_stages();
  StageEnds ends(stages);
  ends.account(0, report_of(4));
  ends.account(2, report_of(1, "line search"));
  StageEnds again(stages);
  restore(again.state(), capture(ends.state()));
  EXPECT_TRUE(again.finished(2));
  EXPECT_EQ(again.steps(2), 1);
  EXPECT_EQ(again.steps(1), 0);
  EXPECT_EQ(again.first_loss(), 4);
  again.go_on(2);
  EXPECT_FALSE(again.finished(2));
  EXPECT_EQ(again.list("time").back().reason, "time");
}

TEST(StageEnds, ASetbackIsTold) {
  const auto stages = three_stages();
  StageEnds ends(stages);
  ends.account(0, report_of(0.25));
  EXPECT_EQ(ends.setback(0), "") << "nothing came before it";
  EXPECT_EQ(ends.setback(2), "") << "no step yet";
  ends.account(2, report_of(0.5));
  EXPECT_EQ(ends.setback(2), "stage 2 (lbfgs) ended at loss 0.5, above the 0.25 at which stage 0 (adam) had ended");
  ends.account(2, report_of(0.25));
  EXPECT_EQ(ends.setback(2), "");
}

TEST(StageEnds, LossesUnderOtherConstantsAreNotCompared) {
  auto stages = three_stages();
  stages[0].constants = {{"Re", "100"}};
  StageEnds ends(stages);
  ends.account(0, report_of(0.25));
  ends.objective_changed();
  ends.account(2, report_of(0.5));
  EXPECT_EQ(ends.setback(2), "");
  EXPECT_EQ(ends.first_loss(), 0.5);
}

TEST(StageEnds, LossesOfOtherWeightsAreNotCompared) {
  auto stages = three_stages();
  stages[0].weights = {{"walls", "100"}};
  StageEnds ends(stages);
  ends.account(0, report_of(0.25));
  ends.account(2, report_of(0.5));
  EXPECT_EQ(ends.setback(2), "");
}

}  // namespace
}  // namespace jetpinn
