// How many units go, and which.
#include "jetpinn/compress/width_plan.hpp"

#include "support/expect_error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace jetpinn {
namespace {

using Widths = std::vector<std::int64_t>;

Network network_of(const Widths& hidden, int inputs = 15, int fields = 2, const std::string& kind = "mlp") {
  NetworkOptions options;
  options.hidden = hidden;
  options.kind = kind;
  std::vector<std::string> names;
  for (int d = 0; d < inputs; ++d) names.push_back("x" + std::to_string(d + 1));
  const std::vector<double> lower(names.size(), 0.0), upper(names.size(), 1.0);
  return make_network(options, names, fields, lower, upper);
}

// The first unit of each layer matters least.
std::vector<std::vector<double>> rising_scores(const UnitGroups& groups, double size = 1) {
  std::vector<std::vector<double>> scores;
  for (const UnitGroup& group : groups.groups) {
    scores.emplace_back(static_cast<std::size_t>(group.units));
    for (std::size_t u = 0; u < scores.back().size(); ++u) scores.back()[u] = size * static_cast<double>(u + 1);
    size *= 10;
  }
  return scores;
}

PruneOptions to(double target, int rounds = 1) {
  PruneOptions options;
  options.target = target;
  options.rounds = rounds;
  return options;
}

TEST(WidthPlan, ThreeQuartersOfTheMachiningNetworkInFourRounds) {
  const PruneOptions options = to(0.75, 4);
  const Widths first{512, 512, 512, 256};
  Widths widths = first;
  std::int64_t parameters = 0;
  for (int round = 1; round <= 4; ++round) {
    const Network network = network_of(widths);
    const UnitGroups groups = unit_groups(network);
    const WidthPlan plan =
        plan_widths(options, network, groups, first, rising_scores(groups), parameters_after(options, 665346, round));
    EXPECT_EQ(network_of(plan.widths).parameters, plan.parameters);
    widths = plan.widths;
    parameters = plan.parameters;
  }
  EXPECT_EQ(widths, (Widths{256, 256, 256, 128}));
  EXPECT_EQ(parameters, 168834);
}

TEST(WidthPlan, WhatMattersLeastGoes) {
  const Network network = network_of({6, 4}, 2, 1);
  const UnitGroups groups = unit_groups(network);
  std::vector<std::vector<double>> scores{{3, 1, 2, 9, 8, 7}, {5, 1, 6, 7}};
  PruneOptions options = to(0.5);
  options.min_width = 1;
  const WidthPlan plan = plan_widths(options, network, groups, {6, 4}, scores, 2 * 3 + 3 + 3 * 2 + 2 + 2 + 1);
  EXPECT_EQ(plan.widths, (Widths{3, 2}));
  EXPECT_EQ(plan.kept, (KeptUnits{{3, 4, 5}, {2, 3}}));
}

TEST(WidthPlan, OneRankingTakesFromTheLayerThatMattersLeast) {
  const Network network = network_of({8, 8}, 2, 1);
  const UnitGroups groups = unit_groups(network);
  PruneOptions options = to(0.5);
  options.global = true;
  options.min_width = 2;
  // Normalised by layer: five of the second are far below its root mean square, none of the first is.
  const std::vector<std::vector<double>> scores{{1, 1, 1, 1, 1, 1, 1, 1}, {1e3, 1e3, 1e3, 1, 1, 1, 1, 1}};
  const WidthPlan plan = plan_widths(options, network, groups, {8, 8}, scores, parameter_count(network, groups, {8, 3}));
  EXPECT_EQ(plan.widths, (Widths{8, 3}));
  EXPECT_EQ(plan.kept[1], (std::vector<std::int64_t>{0, 1, 2}));
}

TEST(WidthPlan, LimitsHold) {
  const Network network = network_of({40, 10}, 2, 1);
  const UnitGroups groups = unit_groups(network);
  PruneOptions options = to(0.5);
  options.limit = 0.5;
  options.min_width = 7;
  EXPECT_EQ(least_widths(options, {40, 10}), (Widths{20, 7}));
  const WidthPlan plan = plan_widths(options, network, groups, {40, 10}, rising_scores(groups), 0);
  EXPECT_EQ(plan.widths, (Widths{20, 7}));
  options.multiple = 8;
  EXPECT_EQ(least_widths(options, {40, 10}), (Widths{24, 8}));
  options.limit = 0.9;
  EXPECT_EQ(least_widths(to(0.5), {10}), (Widths{4}));
}

TEST(WidthPlan, WidthsAreMultiples) {
  EXPECT_EQ(default_multiple(64), 1);
  EXPECT_EQ(default_multiple(128), 2);
  EXPECT_EQ(default_multiple(256), 4);
  EXPECT_EQ(default_multiple(512), 8);
  EXPECT_EQ(default_multiple(4096), 8);
  const Network network = network_of({100, 60}, 2, 1);
  const UnitGroups groups = unit_groups(network);
  PruneOptions options = to(0.5);
  options.multiple = 16;
  for (const double goal : {6000.0, 4000.0, 2000.0})
    for (const std::int64_t width : plan_widths(options, network, groups, {100, 60}, rising_scores(groups), goal).widths)
      EXPECT_TRUE(width % 16 == 0 || width == 100 || width == 60) << width;
}

TEST(WidthPlan, SharedUnitsGoFromAllLayers) {
  const Network network = network_of({9, 9, 9}, 2, 1, "residual");
  const UnitGroups groups = unit_groups(network);
  ASSERT_EQ(groups.groups.size(), 1u);
  const WidthPlan plan = plan_widths(to(0.5), network, groups, {9}, rising_scores(groups), 100);
  EXPECT_EQ(hidden_of(groups, plan.widths, {{9, 9, 9}}), (std::vector<Widths>{Widths(3, plan.widths[0])}));
  EXPECT_EQ(network_of(Widths(3, plan.widths[0]), 2, 1, "residual").parameters, plan.parameters);
}

TEST(WidthPlan, GatesAndBlocksOfAPirateNetStayAsWide) {
  const Network network = network_of({9, 9}, 2, 1, "piratenet");
  const UnitGroups groups = unit_groups(network);
  ASSERT_EQ(groups.groups.size(), 2u);
  for (const bool global : {false, true}) {
    PruneOptions options = to(0.5);
    options.global = global;
    // Of the first group the last units matter least, of the second the first ones.
    const std::vector<std::vector<double>> scores{{9, 8, 7, 6, 5, 4, 3, 2, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9}};
    const double goal = static_cast<double>(network_of({6, 6}, 2, 1, "piratenet").parameters);
    const WidthPlan plan = plan_widths(options, network, groups, {9, 9}, scores, goal);
    EXPECT_EQ(plan.widths, (Widths{6, 6}));
    EXPECT_EQ(plan.parameters, static_cast<std::int64_t>(goal));
    EXPECT_EQ(plan.kept, (KeptUnits{{0, 1, 2, 3, 4, 5}, {3, 4, 5, 6, 7, 8}}));
  }
}

TEST(WidthPlan, SchedulesEndAtTheTarget) {
  for (const std::string& name : prune_schedule_names()) {
    PruneOptions options = to(0.75, 4);
    options.schedule = prune_schedule(name);
    EXPECT_NEAR(parameters_after(options, 1000, 4), 250, 1e-9) << name;
    for (int round = 1; round <= 4; ++round)
      EXPECT_LT(parameters_after(options, 1000, round), parameters_after(options, 1000, round - 1)) << name;
  }
  PruneOptions options = to(0.75, 2);
  EXPECT_NEAR(parameters_after(options, 1000, 1), 500, 1e-9);
}

// Whatever the goal, each of three layers keeps what is its own least, and a target that is reachable is reached.
TEST(WidthPlan, NoLayerVanishesAtHighTargets) {
  for (const char* kind : {"mlp", "residual", "piratenet"}) {
    for (const Widths& first : {Widths{64, 64, 64}, Widths{200, 40, 6}, Widths{3, 300, 12}}) {
      const bool one_width = std::string(kind) != "mlp";
      if (one_width && first[0] != first[1]) continue;
      const Network network = network_of(first, 2, 1, kind);
      const UnitGroups groups = unit_groups(network);
      Widths widths;
      for (const UnitGroup& group : groups.groups) widths.push_back(group.units);
      for (const bool global : {false, true}) {
        PruneOptions options = to(0.99);
        options.limit = 0.999;
        options.min_width = 1;
        options.multiple = 1;
        options.global = global;
        require_reachable(options, network, groups);
        for (const double goal : {parameters_after(options, network.parameters, 1), 0.0}) {
          const WidthPlan plan = plan_widths(options, network, groups, widths, rising_scores(groups), goal);
          const Widths least = least_widths(options, widths);
          for (std::size_t g = 0; g < widths.size(); ++g) {
            EXPECT_GE(plan.widths[g], std::max<std::int64_t>(least[g], 1)) << kind;
            EXPECT_EQ(static_cast<std::int64_t>(plan.kept[g].size()), plan.widths[g]) << kind;
          }
          if (goal == 0) {
            EXPECT_EQ(plan.widths, least) << kind;
          }
          EXPECT_EQ(plan.parameters, parameter_count(network, groups, plan.widths));
        }
      }
    }
  }
}

TEST(WidthPlan, ATargetOutOfReachNamesTheLimit) {
  const Network network = network_of({16, 16}, 2, 1);
  const UnitGroups groups = unit_groups(network);
  require_reachable(to(0.88), network, groups);
  testing::expect_error(Status::usage,
                        {"--target 0.95 is out of reach", "--limit 0.9 and --min-width 4 layers keep at least [4, 4]"},
                        [&] { require_reachable(to(0.95), network, groups); });
}

}  // namespace
}  // namespace jetpinn
