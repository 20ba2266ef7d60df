#include "jetpinn/scale/scale_plan.hpp"

#include "jetpinn/base/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace jetpinn {
namespace {

using Points = std::map<std::string, std::int64_t>;

std::int64_t sum(const Points& points) {
  return std::accumulate(points.begin(), points.end(), std::int64_t{0},
                         [](std::int64_t s, const auto& term) { return s + term.second; });
}

TEST(ScalePlan, PointsKeepTheirProportionsAndTheirSum) {
  const Points points{{"burgers", 10000}, {"initial", 400}, {"walls", 400}};
  EXPECT_EQ(points_in_proportion(points, 10800), points);
  EXPECT_EQ(points_in_proportion(points, 108000), (Points{{"burgers", 100000}, {"initial", 4000}, {"walls", 4000}}));
  // 1000 * 10000/10800 = 925.93, 37.04, 37.04: the largest remainder gets the point that is left.
  EXPECT_EQ(points_in_proportion(points, 1000), (Points{{"burgers", 926}, {"initial", 37}, {"walls", 37}}));
  for (const std::int64_t total : {3, 4, 5, 28, 999, 123457})
    EXPECT_EQ(sum(points_in_proportion(points, total)), total) << total;
}

TEST(ScalePlan, EveryTermKeepsAPoint) {
  EXPECT_EQ(points_in_proportion({{"a", 1000000}, {"b", 1}, {"c", 1}}, 10), (Points{{"a", 8}, {"b", 1}, {"c", 1}}));
  EXPECT_THROW(points_in_proportion({{"a", 10}, {"b", 10}, {"c", 1}}, 2), Error);
}

ScaleOptions asked(ScaleKind kind, std::vector<int> ranks, std::vector<std::int64_t> points) {
  ScaleOptions options;
  options.kind = kind;
  options.ranks = std::move(ranks);
  options.points = std::move(points);
  return options;
}

std::string text_of(const std::vector<Configuration>& plan) {
  std::string text;
  for (const Configuration& c : plan)
    text += std::to_string(c.ranks) + "x" + std::to_string(c.points) + (c.reference ? "r " : " ");
  return text;
}

TEST(ScalePlan, StrongKeepsThePointsAndAddsOneRank) {
  EXPECT_EQ(text_of(plan_configurations(asked(ScaleKind::strong, {2, 4}, {1000}), 7)), "1x1000r 2x1000 4x1000 ");
  EXPECT_EQ(text_of(plan_configurations(asked(ScaleKind::strong, {1, 2}, {}), 7)), "1x7 2x7 ");   // of the config
}

TEST(ScalePlan, WeakMeasuresOneRankWithAllThePoints) {
  EXPECT_EQ(text_of(plan_configurations(asked(ScaleKind::weak, {1, 2, 4}, {1000}), 7)),
            "1x1000 1x2000r 2x2000 1x4000r 4x4000 ");
  // What is asked for is no mere reference.
  EXPECT_EQ(text_of(plan_configurations(asked(ScaleKind::weak, {1, 2}, {1000, 2000}), 7)),
            "1x1000 1x2000 2x2000 1x4000r 2x4000 ");
}

TEST(ScalePlan, MemoryNeedsNoReference) {
  EXPECT_EQ(text_of(plan_configurations(asked(ScaleKind::memory, {2}, {1000, 10}), 7)), "2x10 2x1000 ");
}

// Or a stage would be measured at its own points.
TEST(ScalePlan, StagesHaveThePointsOfTheRun) {
  Config config;
  config.problem.terms.resize(2);
  config.problem.terms[0].name = "heat";
  config.problem.terms[1].name = "walls";
  config.sampling.points = {{"heat", 900}, {"walls", 100}};
  config.training.stages.resize(1);
  config.sampling.stages.resize(1);
  config.sampling.stages[0].points = {{"heat", 7}};
  const std::vector<std::string> arguments =
      run_arguments(asked(ScaleKind::strong, {1}, {}), config, "a.toml", {1, 500, false}, "folder");
  const auto has = [&](const char* set) { return std::count(arguments.begin(), arguments.end(), set) == 1; };
  EXPECT_TRUE(has("sampling.points.heat=450"));
  EXPECT_TRUE(has("training.stages.0.sampling.points.heat=450"));
  EXPECT_FALSE(has("training.stages.0.sampling.points.walls=50"));
  EXPECT_FALSE(has("--device"));
}

TEST(ScalePlan, RunsComputeWhereTheStudyIsAskedTo) {
  ScaleOptions options = asked(ScaleKind::strong, {1}, {});
  options.device = "cuda";
  Config config;
  config.problem.terms.resize(1);
  config.problem.terms[0].name = "heat";
  config.sampling.points = {{"heat", 900}};
  config.training.stages.resize(1);
  config.sampling.stages.resize(1);
  const std::vector<std::string> arguments = run_arguments(options, config, "a.toml", {1, 500, false}, "folder");
  const auto place = std::find(arguments.begin(), arguments.end(), "--device");
  ASSERT_LT(place - arguments.begin(), static_cast<std::ptrdiff_t>(arguments.size()) - 1);
  EXPECT_EQ(place[1], "cuda");
}

TEST(ScaleOptions, CountsAreReadAndSorted) {
  EXPECT_EQ(parse_counts("--points", "10k, 1e5,1.5M,10000"), (std::vector<std::int64_t>{10000, 100000, 1500000}));
  for (const char* bad : {"", "1,,2", "0", "-1", "1.5", "ten", "1kk", "1 2", "0x10", "1e40", "nan", "inf"})
    EXPECT_THROW(parse_counts("--points", bad), Error) << bad;
  EXPECT_EQ(parse_count("--count", "1.5M"), 1500000);
  for (const char* bad : {"", "0", "1,2", "1.5", "many", "1e16"}) EXPECT_THROW(parse_count("--count", bad), Error) << bad;
}

TEST(ScaleOptions, UntilIsAnError) {
  EXPECT_EQ(parse_until("error=1e-3"), 1e-3);
  for (const char* bad : {"", "error", "error=", "error=0", "error=-1", "error=1x", "loss=1", "error=nan", "error=inf"})
    EXPECT_THROW(parse_until(bad), Error) << bad;
}

TEST(ScaleOptions, WhatTheMachineCannotGiveIsRefused) {
  const auto refused = [](const ScaleOptions& options, int cores, int tasks) {
    try {
      check_options(options, cores, tasks, 3);
    } catch (const Error& error) {
      return error.status() == Status::usage;
    }
    return false;
  };
  ScaleOptions options = asked(ScaleKind::strong, {1, 4}, {100});
  EXPECT_FALSE(refused(options, 4, 0));
  EXPECT_TRUE(refused(options, 2, 0));
  EXPECT_FALSE(refused(options, 2, 4));    // an allocation may have more machines
  EXPECT_TRUE(refused(options, 8, 2));
  options.oversubscribe = true;
  EXPECT_FALSE(refused(options, 2, 0));
  options.points = {3};
  EXPECT_TRUE(refused(options, 2, 0));     // fewer than ranks
  options.kind = ScaleKind::weak;          // a rank's own
  EXPECT_FALSE(refused(options, 2, 0));
  options.points = {2};
  EXPECT_TRUE(refused(options, 2, 0));     // one rank, three terms
}

}  // namespace
}  // namespace jetpinn
