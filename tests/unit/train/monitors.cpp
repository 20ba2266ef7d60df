#include "jetpinn/train/monitors.hpp"

#include "support/expect_error.hpp"
#include "support/problem_text.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

using test::world;

// u = t x^2 exactly, for parameters that are all zero, on t in [0, 1] and x in [-1, 1].
class MonitorCase {
 public:
  explicit MonitorCase(std::vector<MonitorText> monitors) {
    ProblemText text = testing::text_of({testing::term("heat", "u_t - u_xx")}, "", "u + t*x^2");
    for (std::size_t m = 0; m < monitors.size(); ++m) monitors[m].options.name = "m" + std::to_string(m);
    text.monitors = std::move(monitors);
    NetworkOptions network;
    network.hidden = {4};
    assembly = assemble(build_problem(text), network, {}, 3, 1);
    engine = make_engine({}, assembly.network, assembly.evaluated());
    parameters.assign(static_cast<std::size_t>(assembly.network.parameters), 0.0);
  }

  std::vector<MonitorValue> values() {
    Monitors monitors(world(), assembly);
    monitors.measure_all(world(), *engine, parameters);
    StepRecord record;
    monitors.tell(record);
    return record.monitors;
  }

  Assembly assembly;
  std::unique_ptr<Engine> engine;
  std::vector<double> parameters;
};

double value_of(MonitorKind kind, const std::string& expression, const std::string& on, std::int64_t points = 4096) {
  return MonitorCase({testing::monitor(kind, expression, on, points)}).values()[0].value;
}

// Scrambled Sobol points of a smooth function: the error falls faster than 1 / points.
constexpr double quadrature = 2e-4;

TEST(Monitors, IntegralsOverTheDomainHaveItsMeasure) {
  EXPECT_NEAR(value_of(MonitorKind::integral, "u", ""), 1.0 / 3, quadrature);
  EXPECT_NEAR(value_of(MonitorKind::mean, "u", ""), 1.0 / 6, quadrature);
  EXPECT_NEAR(value_of(MonitorKind::integral, "u - u + 1", ""), 2, 1e-12);  // 4096 terms
}

TEST(Monitors, DerivativesOnFacesAreIntegratedByLength) {
  EXPECT_NEAR(value_of(MonitorKind::integral, "u_x", "x == 1"), 1, quadrature);          // int 2 t dt
  EXPECT_NEAR(value_of(MonitorKind::integral, "u_t", "t == 0.5"), 2.0 / 3, quadrature);  // int x^2 dx
  EXPECT_NEAR(value_of(MonitorKind::integral, "u_x + u_t", "x == -1 || x == 1"), 2, quadrature);
}

MonitorText at_nodes(const std::string& expression, const std::string& on, std::vector<std::int64_t> nodes = {}) {
  MonitorText made = testing::monitor(MonitorKind::integral, expression, on, 400);
  made.options.quadrature = true;
  made.options.nodes = std::move(nodes);
  return made;
}

// Gauss-Legendre nodes: exact for polynomials, and for what is smooth as soon as there are some nodes along each axis.
TEST(Monitors, NodesOfAQuadratureIntegrateToRounding) {
  const double exact = 1e-14;  // 400 products below 1
  EXPECT_NEAR(MonitorCase({at_nodes("u", "")}).values()[0].value, 1.0 / 3, exact);
  EXPECT_NEAR(MonitorCase({at_nodes("u", "", {1, 2})}).values()[0].value, 1.0 / 3, exact) << "degree 1 in t, 2 in x";
  EXPECT_NEAR(MonitorCase({at_nodes("u", "x == 1 || t == 1")}).values()[0].value, 0.5 + 2.0 / 3, exact);
  EXPECT_NEAR(MonitorCase({at_nodes("exp(u/t)", "x == 1", {12})}).values()[0].value, std::exp(1), 10 * exact);
  EXPECT_NEAR(MonitorCase({at_nodes("dn(u)", "x == -1 || x == 1")}).values()[0].value, 2, exact);
  MonitorText mean = at_nodes("u", "x == 1 || t == 1");
  mean.options.kind = MonitorKind::mean;
  EXPECT_NEAR(MonitorCase({mean}).values()[0].value, (0.5 + 2.0 / 3) / 3, exact);
}

TEST(Monitors, NodesOfAQuadratureNeedBoxes) {
  testing::expect_error(Status::usage, {"monitor 'm0': gauss_legendre has its nodes in boxes and on their faces"},
                        [] { MonitorCase({at_nodes("u", "x^2 + t^2 < 1")}); });
}

// Faces of unlike length: int_0^1 t dt + int_-1^1 x^2 dx, over 1 + 2.
TEST(Monitors, FacesCountByTheirOwnMeasure) {
  EXPECT_NEAR(value_of(MonitorKind::integral, "u", "x == 1 || t == 1"), 0.5 + 2.0 / 3, quadrature);
  EXPECT_NEAR(value_of(MonitorKind::mean, "u", "x == 1 || t == 1"), (0.5 + 2.0 / 3) / 3, quadrature);
}

// The two halves overlap in 0 < x < 0.5: every point counts once. A corner has no length beside a face.
TEST(Monitors, WhatTwoPartsHoldCountsOnce) {
  EXPECT_NEAR(value_of(MonitorKind::integral, "u - u + 1", "x < 0.5 || x > 0"), 2, 5e-3);  // the overlap is sampled
  EXPECT_NEAR(value_of(MonitorKind::integral, "u", "x == 1 || (t == 1 && x == 0.5)"), 0.5, quadrature);
}

TEST(Monitors, ConditionsRestrictTheMeasure) {
  EXPECT_NEAR(value_of(MonitorKind::integral, "u - u + 1", "x^2 + t^2 < 1"), std::acos(-1.0) / 2, 5e-3);  // 4096 trials
}

TEST(Monitors, SinglePointsAreSummed) {
  EXPECT_NEAR(value_of(MonitorKind::integral, "u", "t == 1 && x == -1 || t == 0.5 && x == 1"), 1.5, 1e-14);
  EXPECT_NEAR(value_of(MonitorKind::mean, "u", "t == 1 && x == -1 || t == 0.5 && x == 1"), 0.75, 1e-14);
}

// 2^12 Sobol points are a net: each of 64 x 64 equal rectangles holds one, so the nearest to the corner t = 1, x = 1 has
// u_x = 2 t x of at least this.
TEST(Monitors, ExtremaAreThoseOfThePoints) {
  const double corner = 2 * (1 - 1.0 / 64) * (1 - 2.0 / 64);
  EXPECT_GE(value_of(MonitorKind::max, "u_x", ""), corner);
  EXPECT_LE(value_of(MonitorKind::min, "u_x", ""), -corner);
  EXPECT_LE(value_of(MonitorKind::max, "u_x", ""), 2);
  EXPECT_NEAR(value_of(MonitorKind::min, "u", "x == 1", 1000), 0, 0.01);
}

TEST(Monitors, WhatIsNotFiniteIsNotHidden) {
  for (const MonitorKind kind : {MonitorKind::integral, MonitorKind::mean, MonitorKind::min, MonitorKind::max})
    EXPECT_TRUE(std::isnan(value_of(kind, "log(u - 2)", ""))) << to_string(kind);
}

TEST(Monitors, ValuesDependNeitherOnTheSeedNorOnOtherMonitors) {
  MonitorCase both(
      {testing::monitor(MonitorKind::max, "u_x", "x == 1", 300), testing::monitor(MonitorKind::mean, "u", "", 500)});
  EXPECT_EQ(both.values()[1].value, value_of(MonitorKind::mean, "u", "", 500));
  both.assembly.seed = 99;
  EXPECT_EQ(both.values()[1].value, value_of(MonitorKind::mean, "u", "", 500));
}

TEST(Monitors, RanksShareThePointsInWholeBlocks) {
  const MonitorCase one({testing::monitor(MonitorKind::integral, "u", "x == 1 || t == 1", 1000)});
  const Problem& problem = *one.assembly.problem;
  const TermPoints all = make_monitor_points(problem, problem.monitors[0], 0, 1);
  std::vector<double> times, weights;
  for (int rank = 0; rank < 3; ++rank) {
    const TermPoints share = make_monitor_points(problem, problem.monitors[0], rank, 3);
    for (const Block& block : share.blocks) EXPECT_EQ(block.first % block_points, 0);
    times.insert(times.end(), share.coordinate(0), share.coordinate(0) + share.local_count);
    weights.insert(weights.end(), share.weight.begin(), share.weight.end());
  }
  EXPECT_EQ(times, std::vector<double>(all.coordinate(0), all.coordinate(0) + all.local_count));
  EXPECT_EQ(weights, all.weight);
  EXPECT_EQ(make_monitor_points(problem, problem.monitors[0], 6, 7).local_count, 0) << "four blocks for seven ranks";
}

TEST(Monitors, EachHasItsSteps) {
  MonitorCase watched({testing::monitor(MonitorKind::max, "u", ""), testing::monitor(MonitorKind::min, "u", "")});
  watched.assembly.problem->monitors[1].options.every = 3;
  Monitors monitors(world(), watched.assembly);
  EXPECT_FALSE(monitors.due(2));
  EXPECT_TRUE(monitors.due(6));
  monitors.measure_due(world(), *watched.engine, watched.parameters, 6);
  StepRecord record;
  monitors.tell(record);
  ASSERT_EQ(record.monitors.size(), 1u);
  EXPECT_EQ(record.monitors[0].name, "m1");
  RunSummary summary;
  monitors.tell(summary);
  ASSERT_EQ(summary.monitors.size(), 2u);
  EXPECT_TRUE(std::isnan(summary.monitors[0].value)) << "not measured yet";
}

// u_x = 2 t x: out of x = 1 and out of x = -1 it is 2 t.
TEST(Monitors, FluxesThroughFacesPointOutwards) {
  EXPECT_NEAR(value_of(MonitorKind::integral, "dn(u)", "x == -1 || x == 1"), 2, quadrature);
  EXPECT_NEAR(value_of(MonitorKind::integral, "dn(u)", "x == -1"), 1, quadrature);
  EXPECT_NEAR(value_of(MonitorKind::mean, "n_x*u_x", "x == -1 && t == 1"), 2, 1e-12);
  EXPECT_NEAR(value_of(MonitorKind::integral, "sdf + u - u", ""), -1, quadrature);  // int |x| - 1
}

}  // namespace
}  // namespace jetpinn
