#include "jetpinn/train/current_stage.hpp"

#include "support/expect_error.hpp"
#include "support/small_assembly.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

StepReport report(const std::string& reason = "") {
  StepReport report;
  report.reason = report.finished = reason;
  return report;
}

// A stage without steps, Adam in fp32, L-BFGS in fp64.
class CurrentStageTest : public ::testing::Test {
 protected:
  CurrentStageTest() {
    training_.precision = Precision::fp32;
    training_.stages.resize(3);
    training_.stages[0].steps = 0;
    training_.stages[1].steps = 2;
    training_.stages[2].steps = 3;
    training_.stages[2].optimizer.kind = "lbfgs";
  }

  // In the second stage, with one of its two steps done.
  StateValues in_the_middle() {
    CurrentStage stage(test::world(), training_, assembly_);
    stage.begin_run();
    stage.begin();
    stage.account(report());
    return capture(stage.state());
  }

  Assembly assembly_ = test::small_assembly();
  TrainingOptions training_;
};

TEST_F(CurrentStageTest, GoesThroughTheStages) {
  CurrentStage stage(test::world(), training_, assembly_);
  stage.begin_run();
  EXPECT_EQ(stage.number(), 1) << "the first one that has steps";
  EXPECT_EQ(stage.engine().precision(), Precision::fp32);
  EXPECT_TRUE(stage.begin());
  EXPECT_FALSE(stage.change().engine());
  for (int step = 0; step < 2; ++step) {
    EXPECT_TRUE(stage.has_step());
    stage.account(report());
  }
  EXPECT_FALSE(stage.has_step());
  stage.next();
  EXPECT_TRUE(stage.begin());
  EXPECT_EQ(capture(stage.state()).count("optimizer/rho"), 1u);
  EXPECT_TRUE(stage.change().engine());
  stage.enter();
  EXPECT_FALSE(stage.change().engine());
  EXPECT_EQ(stage.engine().precision(), Precision::fp64);
  stage.account(report("line search"));
  EXPECT_FALSE(stage.has_step()) << "its optimiser cannot go on";
  EXPECT_FALSE(stage.past_last());
  stage.next();
  EXPECT_TRUE(stage.past_last());
  EXPECT_EQ(stage.last(), 2);
  EXPECT_EQ(stage.options().optimizer.kind, "lbfgs");
}

TEST_F(CurrentStageTest, MeasuresForAllStagesBeforeTheFirstCheckpoint) {
  const StateValues values = in_the_middle();
  EXPECT_NE(std::get<std::string>(values.at("products/fp32")), "");
  EXPECT_NE(std::get<std::string>(values.at("products/fp64")), "");
}

TEST_F(CurrentStageTest, GoesOnFromACheckpoint) {
  const StateValues values = in_the_middle();
  CurrentStage stage(test::world(), training_, assembly_);
  stage.resume(values);
  restore(stage.state(), values);
  EXPECT_EQ(stage.number(), 1);
  EXPECT_EQ(stage.engine().backend(), std::get<std::string>(values.at("products/fp32")));
  const Optimizer* optimizer = &stage.optimizer();
  EXPECT_FALSE(stage.begin());
  EXPECT_EQ(&stage.optimizer(), optimizer) << "a restored optimiser is kept";
  EXPECT_TRUE(stage.has_step());
  stage.account(report());
  EXPECT_FALSE(stage.has_step());
  stage.next();
  EXPECT_TRUE(stage.begin()) << "only the stage of the checkpoint was resumed";
}

TEST_F(CurrentStageTest, AStageThatTheConfigDoesNotHaveIsRefused) {
  StateValues values = in_the_middle();
  for (std::int64_t number : {-1, 3}) {
    values["stage"] = number;
    CurrentStage stage(test::world(), training_, assembly_);
    testing::expect_error(Status::storage, {"of stage " + std::to_string(number)}, [&] { stage.resume(values); });
  }
}

TEST_F(CurrentStageTest, ALongerPlanGoesOnWhateverTheOptimiserSaid) {
  training_.stages[2].steps = 0;
  CurrentStage stage(test::world(), training_, assembly_);
  stage.begin_run();
  stage.account(report("tolerance"));
  EXPECT_FALSE(stage.has_step());
  stage.extend();
  EXPECT_TRUE(stage.has_step());
}

TEST_F(CurrentStageTest, ALongerPlanLeavesAStageThatOthersFollowNow) {
  CurrentStage stage(test::world(), training_, assembly_);
  stage.begin_run();
  stage.account(report("tolerance"));
  stage.extend();
  EXPECT_FALSE(stage.has_step());
}

TEST_F(CurrentStageTest, ARunWithoutStagesHasAnEngine) {
  training_.stages.clear();
  CurrentStage stage(test::world(), training_, assembly_);
  stage.begin_run();
  EXPECT_TRUE(stage.none());
  EXPECT_TRUE(stage.past_last());
  EXPECT_EQ(stage.engine().precision(), Precision::fp32);
  EXPECT_EQ(stage.make_fields_engine()->precision(), Precision::fp64);
}

}  // namespace
}  // namespace jetpinn
