#include "support/audit_case.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::AuditCase;
using testing::term;
using testing::weighted;

AuditCase with_weight(const std::string& weight) {
  return AuditCase({term("flow", "u_t + u_x"), weighted(term("start", "u - sin(pi*x)", "t == 0"), {weight})});
}

TEST(AuditWeights, AWeightOfZeroIsNamed) {
  const std::string sentence = with_weight("0").sentence("weights");
  EXPECT_NE(sentence.find("all weights of 'start' are zero (problem.conditions.0.weight) at its 100 points"),
            std::string::npos)
      << sentence;
  EXPECT_TRUE(with_weight("1e-3").silent());
}

TEST(AuditWeights, AnExpressionThatIsZeroAtEveryPointToo) {
  EXPECT_EQ(with_weight("step(x - 2)").warnings("weights").size(), 1u);
  EXPECT_EQ(with_weight("t").warnings("weights").size(), 1u);
  EXPECT_TRUE(with_weight("step(x - 0.9)").silent());   // one point in twenty counts
}

TEST(AuditWeights, OneOfSeveralIsNamedByItsNumber) {
  AuditCase two({term("flow", "u_t + u_x"), weighted(term("start", "u - sin(pi*x)", "t == 0"), {"1", "0"})});
  two.problem.terms[1].residuals.push_back(testing::source("u_t"));
  const std::string sentence = two.sentence("weights");
  EXPECT_NE(sentence.find("residual 1 of 'start' is zero (problem.conditions.0.weight.1)"), std::string::npos) << sentence;
}

TEST(AuditWeights, AllTermsAreLookedAt) {
  AuditCase both({weighted(term("flow", "u_t + u_x"), {"0"}), weighted(term("start", "u", "t == 0"), {"0"})});
  EXPECT_EQ(both.warnings("weights").size(), 2u);
}

TEST(AuditWeights, ThoseOfEveryStageAreLookedAt) {
  AuditCase stages = with_weight("1");
  stages.training.stages.resize(3);
  stages.problem.stage_weights.resize(3);
  const auto weigh = [&](std::size_t stage, const std::string& weight) {
    stages.problem.stage_weights[stage]["start"] = {{testing::source(weight)}, testing::source(weight)};
    stages.training.stages[stage].weights["start"] = weight;
  };
  weigh(1, "step(x - 2)");
  const std::string sentence = stages.sentence("weights");
  EXPECT_NE(sentence.find("all weights of 'start' are zero (training.stages.1.weights.start) at its 100 points"),
            std::string::npos)
      << sentence;
  stages.training.stages[1].steps = 0;
  EXPECT_TRUE(stages.silent()) << "the stage is skipped";
}

TEST(AuditWeights, AWeightThatNoStageTakesIsNotLookedAt) {
  AuditCase stages = with_weight("0");
  stages.problem.stage_weights.resize(1);
  stages.problem.stage_weights[0]["start"] = {{testing::source("1")}, testing::source("1")};
  stages.training.stages[0].weights["start"] = "1";
  EXPECT_TRUE(stages.silent());
}

TEST(AuditWeights, WhatPlacesSayIsLookedAt) {
  AuditCase walls({term("flow", "u_t + u_x"), weighted(term("walls", "u", "x == -1 || x == 1"), {"max(n_x, 0)"})});
  EXPECT_TRUE(walls.silent());
  walls.problem.terms[1].on = testing::source("x == -1");
  EXPECT_EQ(walls.warnings("weights").size(), 1u);
  walls.problem.terms[1].weight = {testing::source("1 + n_x - sdf")};
  EXPECT_EQ(walls.warnings("weights").size(), 1u);
}

}  // namespace
}  // namespace jetpinn
