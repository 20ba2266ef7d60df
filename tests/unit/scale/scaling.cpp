#include "jetpinn/scale/scaling.hpp"

#include "jetpinn/base/error.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

TEST(Scaling, EfficiencyComparesTheSamePoints) {
  EXPECT_DOUBLE_EQ(efficiency(8, 2, 4), 1);
  EXPECT_DOUBLE_EQ(efficiency(8, 4, 4), 0.5);
  EXPECT_DOUBLE_EQ(speed_up(8, 4), 2);
}

// A published table of 4000 points: 51 574 points/s on one GPU, 44 512 on eight. Its authors
// divided the rates and called it 86 %.
TEST(Scaling, EightTimesTheMachineForNothingIsNotEfficient) {
  const double points = 4000, one_s = points / 51574, eight_s = points / 44512;
  EXPECT_NEAR(efficiency(one_s, eight_s, 8), 0.108, 5e-4);
}

TEST(Scaling, WithoutTheSamePointsOnOneRankThereIsNoEfficiency) {
  const auto values = efficiencies({{1, 1000, 4.0}, {2, 1000, 2.5}, {2, 2000, 4.4}, {4, 1000, 2.0}});
  EXPECT_DOUBLE_EQ(values[0], 1);
  EXPECT_DOUBLE_EQ(values[1], 0.8);
  EXPECT_LT(values[2], 0);
  EXPECT_DOUBLE_EQ(values[3], 0.5);
}

std::vector<ScalingPoint> made_by(const ScalingModel& model, const std::vector<int>& ranks, double noise = 0) {
  std::vector<ScalingPoint> points;
  for (const int p : ranks)
    for (const std::int64_t n : {1024, 10240, 102400}) {
      noise = -noise;
      points.push_back({p, n, (1 + noise) * model.step_time(n, p)});
    }
  return points;
}

TEST(Scaling, FindsTheModelThatMadeTheTimes) {
  const ScalingModel truth{2e-4, 3e-7, 5e-5, 1e-4, 2e-8, 0};
  const ScalingModel found = fit_scaling(made_by(truth, {1, 2, 4, 8}));
  EXPECT_NEAR(found.step_s, truth.step_s, 1e-9);
  EXPECT_NEAR(found.point_s, truth.point_s, 1e-12);
  EXPECT_NEAR(found.level_s, truth.level_s, 1e-9);
  EXPECT_NEAR(found.message_s, truth.message_s, 1e-9);
  EXPECT_NEAR(found.imbalance_s, truth.imbalance_s, 1e-12);
  EXPECT_LT(found.largest_error, 1e-9);
}

TEST(Scaling, PredictsAHeldBackConfigurationFromOneAndTwoRanks) {
  const ScalingModel truth{2e-4, 3e-7, 5e-5, 0, 0, 0};
  const ScalingModel found = fit_scaling(made_by(truth, {1, 2}, 0.02));
  EXPECT_NEAR(found.step_time(50000, 2) / truth.step_time(50000, 2), 1, 0.05);
  EXPECT_NEAR(found.step_time(100000, 4) / truth.step_time(100000, 4), 1, 0.15);
}

TEST(Scaling, NoPartIsNegative) {
  // Faster than it can be: caches. The model must not pay that back with a negative latency.
  const ScalingModel found = fit_scaling({{1, 1000, 1e-3}, {1, 10000, 1e-2}, {2, 1000, 0.4e-3}, {2, 10000, 0.4e-2}});
  for (const double part : {found.step_s, found.point_s, found.level_s, found.message_s, found.imbalance_s})
    EXPECT_GE(part, 0);
  EXPECT_GT(found.largest_error, 0.05);
}

TEST(Scaling, PointsPerRankReachTheWantedEfficiency) {
  const ScalingModel model{2e-4, 3e-7, 5e-5, 1e-4, 1e-8, 0};
  for (const int ranks : {2, 8, 64}) {
    const std::int64_t n = model.points_per_rank(0.9, ranks);
    ASSERT_GT(n, 0);
    EXPECT_GE(model.efficiency(n * ranks, ranks), 0.9);
    EXPECT_LT(model.efficiency((n - 256) * ranks, ranks), 0.9);
  }
  EXPECT_EQ(model.points_per_rank(0.9, 1), 0);
  EXPECT_LT((ScalingModel{1e-4, 0, 1e-4, 0, 0, 0}).points_per_rank(0.9, 4), 0);
}

// Blocks of 256 points are not shared: 10 of them on 8 ranks take two rounds.
TEST(Scaling, RanksAreDealtWholeBlocks) {
  EXPECT_EQ(busiest_share(2560, 2), 1280);
  EXPECT_EQ(busiest_share(2560, 8), 512);
  EXPECT_EQ(busiest_share(2560, 1000), 256);
  EXPECT_EQ(busiest_share(100, 4), 100);
  EXPECT_NEAR((ScalingModel{0, 3e-7, 0, 0, 0, 0}).efficiency(2560, 100), 0.1, 1e-12) << "ninety ranks have nothing to do";
}

// The latency is a hundredth of the time and the times scatter by two: lost in a fit to whole steps,
// plain in the all-reduce's own time.
TEST(Scaling, ProfiledPartsAreFittedToTheirOwnTimes) {
  const ScalingModel truth{3e-5, 3e-7, 2e-5, 0, 0, 0};
  std::vector<ScalingPoint> points = made_by(truth, {1, 2}, 0.02);
  for (ScalingPoint& point : points) point.parts = StepParts{truth.step_s, point.ranks > 1 ? truth.level_s : 0};
  const ScalingModel found = fit_scaling(points);
  EXPECT_NEAR(found.level_s, truth.level_s, 1e-9);
  EXPECT_NEAR(found.step_s, truth.step_s, 3e-6);
  EXPECT_NEAR(found.point_s, truth.point_s, 0.02 * truth.point_s);
  EXPECT_NEAR(found.efficiency(102400, 64), truth.efficiency(102400, 64), 0.02);
  // Two measurements are enough: the model no longer promises that more ranks cost nothing.
  const ScalingModel two = fit_scaling({points[2], points[5]});
  EXPECT_NEAR(two.level_s, truth.level_s, 1e-9);
  EXPECT_LT(two.efficiency(10240, 32), 0.95);
}

TEST(Scaling, AnImbalanceForbidsAnEfficiency) {
  // A fifth more per point: never 90 %, however many points.
  EXPECT_LT((ScalingModel{1e-4, 3e-7, 0, 0, 0.6e-7, 0}).points_per_rank(0.9, 4), 0);
}

// Two rank counts cannot tell a level of the tree from a message: both are there or not there together.
TEST(Scaling, WhatCannotBeToldApartGoesToTheFirst) {
  const ScalingModel found = fit_scaling(made_by({2e-4, 3e-7, 5e-5, 1e-4, 0, 0}, {1, 2}));
  EXPECT_NEAR(found.level_s, 1.5e-4, 1e-8);
  EXPECT_EQ(found.message_s, 0);
}

TEST(Scaling, AModelHasFewerPartsThanThereAreMeasurements) {
  const ScalingModel found = fit_scaling({{1, 1000, 1e-3}, {2, 1000, 0.6e-3}});
  EXPECT_GT(found.largest_error, 0.05);
}

TEST(Scaling, HeldBackMeasurementsArePredicted) {
  const auto points = made_by({2e-4, 3e-7, 5e-5, 0, 0, 0}, {1, 2});
  const auto held = hold_back(points);
  ASSERT_EQ(held.size(), points.size());
  for (const HeldBack& h : held) EXPECT_NEAR(h.error(), 0, 1e-6);
  // A measurement that the others cannot explain stands out.
  auto odd = points;
  odd[4].step_s *= 1.5;
  EXPECT_LT(hold_back(odd)[4].error(), -0.25);
  // without its only two ranks: nothing
  EXPECT_TRUE(hold_back({{1, 1000, 1e-3}, {1, 2000, 2e-3}, {1, 3000, 3e-3}, {2, 1000, 6e-4}}).size() == 3);
  EXPECT_TRUE(hold_back({{1, 1000, 1e-3}, {2, 1000, 6e-4}}).empty());
}

TEST(Scaling, NothingToFitIsAnError) {
  EXPECT_THROW(fit_scaling({}), Error);
  EXPECT_THROW(fit_scaling({{1, 0, 1.0}}), Error);
}

}  // namespace
}  // namespace jetpinn
