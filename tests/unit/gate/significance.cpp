#include "jetpinn/gate/significance.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

SampleScores three_samples() {
  SampleScores scores;
  scores.residual = {1, 2, 6};
  scores.before = {1, 5, 6};
  scores.gradient = {4, 0, 8};
  scores.trained = {10, 9, 4};
  return scores;
}

TEST(Significance, PartsAreSharesOfTheirMeans) {
  SignificanceWeights weights;
  weights.residual = 2, weights.change = 3, weights.gradient = 5, weights.age = 7;
  const std::vector<double> s = significances(three_samples(), {3, 1, 4}, weights, 0.25, 10, 12);
  EXPECT_NEAR(s[0], 10 * (2.0 / 3 + 0 + 5 + 7 * 0.25 * 2), 1e-13 * s[0]);
  EXPECT_NEAR(s[1], 10 * (4.0 / 3 + 9 + 0 + 7 * 0.25 * 3), 1e-13 * s[1]);
  EXPECT_NEAR(s[2], 10 * (4.0 + 0 + 10 + 7 * 0.25 * 8), 1e-13 * s[2]);
}

TEST(Significance, WhatHasNoMeanOrNoWeightDoesNotCount) {
  SignificanceWeights weights;
  weights.gradient = 0, weights.age = 0;
  SampleScores scores = three_samples();
  scores.gradient.clear();
  const std::vector<double> s = significances(scores, {3, 0, 0}, weights, 0.25, 1, 12);
  EXPECT_NEAR(s[2], 2, 1e-15);
  for (const double none : significances(scores, {0, 0, 0}, weights, 0.25, 1, 12)) EXPECT_EQ(none, 0);
}

TEST(Significance, ASampleWhoseScoreIsNoNumberIsTrained) {
  SampleScores scores = three_samples();
  scores.residual[1] = std::nan("");
  const std::vector<double> s = significances(scores, {3, 1, 0}, {}, 0.06, 1, 12);
  EXPECT_TRUE(std::isinf(s[1]));
  EXPECT_TRUE(std::isfinite(s[0]));
}

TEST(GateOptions, AStageChangesWhatItNames) {
  GateOptions run;
  run.target = 0.06;
  StageGate stage;
  EXPECT_FALSE(stage.any());
  stage.target = 0.2;
  stage.refresh = 3;
  const GateOptions own = gate_of(run, stage);
  EXPECT_EQ(own.target, 0.2);
  EXPECT_EQ(own.refresh, 3);
  EXPECT_EQ(own.warm_up, run.warm_up);
  stage.active = false;
  EXPECT_FALSE(gate_of(run, stage).active());
  EXPECT_FALSE(gate_of(GateOptions{}, {}).active());
}

TEST(GateOptions, TermsAreAllOrThoseNamed) {
  GateOptions options;
  EXPECT_TRUE(options.names("walls"));
  options.terms = {"burgers"};
  EXPECT_FALSE(options.names("walls"));
  options.emphasis["burgers"] = 3;
  EXPECT_EQ(options.emphasis_of("burgers"), 3);
  EXPECT_EQ(options.emphasis_of("walls"), 1);
}

}  // namespace
}  // namespace jetpinn
