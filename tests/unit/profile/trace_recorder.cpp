#include "jetpinn/profile/trace_recorder.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace jetpinn {
namespace {

using Json = nlohmann::json;

// A step with `chunks` products inside of loss_and_gradient.
void take_step(int chunks) {
  const ScopedLabel step("jetpinn::step");
  {
    const ScopedLabel evaluation("jetpinn::loss_and_gradient");
    for (int i = 0; i < chunks; ++i) {
      push_region(Region::product);
      pop_region();
    }
  }
  const ScopedLabel update("jetpinn::optimizer");
}

TEST(TraceRecorder, KeepsTheOutermostRegionsOfAStepThatIsTooLong) {
  TraceRecorder trace(100, 10);
  ASSERT_TRUE(trace.begin_step());
  take_step(50);
  trace.end_step();
  const Json line = Json::parse(trace.take_line(3, 7, wall_seconds() - 1));
  EXPECT_EQ(line["rank"], 3);
  EXPECT_EQ(line["step"], 7);
  EXPECT_NEAR(line["begin_s"], 1, 0.5);
  ASSERT_EQ(line["events"].size(), 11u);
  EXPECT_EQ(line["events"][10][0], "jetpinn::optimizer");   // depth 1: taken although ten events were there
  EXPECT_EQ(line["events"][10][3], 1);
  EXPECT_EQ(line["dropped"], 50 + 3 - 11);
}

TEST(TraceRecorder, SpendsItsBudgetOverSteps) {
  TraceRecorder trace(20, 10);
  int steps = 0;
  for (; !trace.spent(); ++steps) {
    ASSERT_LT(steps, 10);
    ASSERT_TRUE(trace.begin_step());
    take_step(5);
    trace.end_step();
    EXPECT_TRUE(trace.has_step());
    trace.take_line(0, steps, 0);
    EXPECT_FALSE(trace.has_step());
  }
  EXPECT_EQ(steps, 3);   // eight events each
}

TEST(TraceRecorder, HearsNothingOutsideOfItsSteps) {
  TraceRecorder trace(20, 10);
  take_step(1);
  EXPECT_FALSE(trace.has_step());
  EXPECT_FALSE(region_detail());
  {
    const ScopedLabel around("jetpinn::train");
    ASSERT_TRUE(trace.begin_step());
  }   // ends within the step, began before it
  EXPECT_TRUE(region_detail());
  take_step(1);
  trace.end_step();
  EXPECT_FALSE(region_detail());
  EXPECT_EQ(Json::parse(trace.take_line(0, 1, 0))["events"].size(), 4u);
}

}  // namespace
}  // namespace jetpinn
