#include "jetpinn/train/physics.hpp"

#include "support/problem_text.hpp"
#include "support/small_assembly.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

std::set<std::string> parts_of(const std::string& residual) {
  const Problem problem = testing::problem_of({testing::term("pde", residual)});
  std::set<std::string> texts;
  for (NodeId part : statement_parts(problem.graph, problem.terms[0].stated[0]))
    texts.insert(to_text(problem.graph, part, problem.symbols.coordinates, problem.symbols.fields));
  return texts;
}

TEST(Physics, PartsOfStatements) {
  EXPECT_EQ(parts_of("u_t"), (std::set<std::string>{"u_t"}));
  EXPECT_EQ(parts_of("u_t + u*u_x").size(), 2u);
  EXPECT_EQ(parts_of("min(u_t, 0)"), (std::set<std::string>{"u_t"}));
  EXPECT_EQ(parts_of("abs(u_t - u)").size(), 2u);
  EXPECT_EQ(parts_of("where(x < 0, u_t, u)"), (std::set<std::string>{"u_t", "u"}));
}

// points [points, residuals]
StatementResiduals statement(std::vector<double> values, std::vector<double> sizes) {
  StatementResiduals of;
  of.name = "pde";
  of.residuals = sizes.size();
  of.values = std::move(values);
  of.sizes = std::move(sizes);
  return of;
}

TEST(Physics, MeasuresOfAListOfResiduals) {
  const auto of = statement({3, 4, 0, 0, 0.02, 0, 0.1, 0.1}, {2, 20});
  const StatementMeasure measure = measure_statements({of}, {of})[0];
  EXPECT_EQ(measure.points, 4);
  EXPECT_DOUBLE_EQ(measure.max, 5);
  EXPECT_DOUBLE_EQ(measure.mean, (5 + 0.02 + std::hypot(0.1, 0.1)) / 4);
  EXPECT_DOUBLE_EQ(measure.violations, 0.5);  // 0.02 and 0.1 of sizes 2 and 20: the third point keeps both
  EXPECT_DOUBLE_EQ(measure.size, std::hypot(2.0, 20.0));
}

TEST(Physics, WhatHasNoSizeIsMeasuredAgainstOne) {
  const auto of = statement({0.009, 0.011}, {0});
  const StatementMeasure measure = measure_statements({of}, {of})[0];
  EXPECT_EQ(measure.size, 1);
  EXPECT_DOUBLE_EQ(measure.violations, 0.5);
}

TEST(Physics, WhatIsNoNumberIsAViolation) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto of = statement({nan, 1}, {1000});
  const StatementMeasure measure = measure_statements({of}, {of})[0];
  EXPECT_TRUE(std::isnan(measure.mean));
  EXPECT_TRUE(std::isnan(measure.max));
  EXPECT_DOUBLE_EQ(measure.violations, 0.5);
}

TEST(Physics, ChangesAreRelativeToWhatMatters) {
  StatementMeasure before, after;
  before.mean = 0.5;
  after.mean = 0.6;
  before.size = 1;
  EXPECT_DOUBLE_EQ(physics_change(before, after), 0.1 / 0.5);
  EXPECT_LT(physics_change(after, before), 0);
  before.mean = 1e-9;  // met far better than anybody looks: a hundredth of the size counts
  after.mean = 1e-3;
  EXPECT_NEAR(physics_change(before, after), 0.1, 1e-6);
}

TEST(Physics, StatementsThatDiffer) {
  using testing::problem_of;
  using testing::term;
  const Problem heat = problem_of({term("heat", "u_t - 0.1*u_xx"), term("wall", "u", "x == 1")});
  EXPECT_EQ(differing_statement(heat, heat), "");
  EXPECT_NE(
      differing_statement(heat, problem_of({term("heat", "u_t - 0.2*u_xx"), term("wall", "u", "x == 1")})).find("'heat'"),
      std::string::npos);
  EXPECT_NE(differing_statement(heat, problem_of({term("heat", "u_t - 0.1*u_xx")})).find("'wall'"), std::string::npos);
}

// The residuals of a whole network, by hand from its fields: u on the initial line.
TEST(Physics, ResidualsOfANetworkAreThoseOfItsFields) {
  Assembly assembly = test::small_assembly();
  std::vector<double> parameters(static_cast<std::size_t>(assembly.network.parameters));
  initialize(assembly.network, 1, parameters.data());
  Communicator communicator;
  const PhysicsPoints points = make_physics_points(assembly, {}, 0, 1);
  ASSERT_EQ(points.terms.size(), 2u);
  EXPECT_EQ(points.terms[0].global_count, 4096);
  const auto residuals = statement_residuals(communicator, assembly, {}, parameters, points);
  const auto engine = make_engine({}, assembly.network, {assembly.fields});
  const TermPoints& line = points.terms[1];
  std::vector<double> u(static_cast<std::size_t>(line.local_count));
  engine->residuals(Stream{}, parameters.data(), 0, line, u.data());
  double largest = 0, size_u = 0, size_sine = 0;
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double sine = std::sin(M_PI * line.coordinate(1)[i]);
    largest = std::max(largest, std::abs(residuals[1].values[i] - (u[i] - sine)));
    size_u += u[i] * u[i];
    size_sine += sine * sine;
  }
  EXPECT_LT(largest, 1e-14);
  EXPECT_NEAR(residuals[1].sizes[0], std::sqrt(std::max(size_u, size_sine) / static_cast<double>(u.size())), 1e-12);
}

}  // namespace
}  // namespace jetpinn
