#include "jetpinn/train/physics.hpp"

#include "support/problem_text.hpp"
#include "support/small_assembly.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

std::set<std::string> parts_of(const std::string& residual) {
  Problem problem = testing::problem_of({testing::term("pde", residual)});
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
  EXPECT_EQ(parts_of("2*(u_t - 3*u)"), (std::set<std::string>{"2*u_t", "6*u"}));
  EXPECT_EQ(parts_of("u_t - 5*min(u - 2*u_x, 0)"), (std::set<std::string>{"u_t", "5*u", "10*u_x"}));
}

// values: [residuals, points]
StatementMeasure measure(const std::vector<double>& values, const StatementSizes& sizes) {
  const auto points = static_cast<std::int64_t>(values.size() / sizes.size());
  return measure_of("pde", statement_sums(values.data(), points, points, sizes), sizes);
}

TEST(Physics, MeasuresOfAListOfResiduals) {
  const StatementMeasure of = measure({3, 0, 0.02, 0.1, 4, 0, 0, 0.1}, {2, 20});
  EXPECT_EQ(of.points, 4);
  EXPECT_DOUBLE_EQ(of.max, 5);
  EXPECT_DOUBLE_EQ(of.mean, (5 + 0.02 + std::hypot(0.1, 0.1)) / 4);
  EXPECT_DOUBLE_EQ(of.violations, 0.5);  // 0.02 and 0.1 of sizes 2 and 20: the third point keeps both
  EXPECT_DOUBLE_EQ(of.size, std::hypot(2.0, 20.0));
}

TEST(Physics, WhatHasNoSizeIsMeasuredAgainstOne) {
  const StatementMeasure of = measure({0.009, 0.011}, {0});
  EXPECT_EQ(of.size, 1);
  EXPECT_DOUBLE_EQ(of.violations, 0.5);
}

TEST(Physics, WhatIsNoNumberIsAViolation) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const StatementMeasure of = measure({nan, 1}, {1000});
  EXPECT_TRUE(std::isnan(of.mean));
  EXPECT_TRUE(std::isnan(of.max));
  EXPECT_DOUBLE_EQ(of.violations, 0.5);
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

// The residual of a whole network, by hand from its fields: u - sin(pi x) on the initial line.
TEST(Physics, ResidualsOfANetworkAreThoseOfItsFields) {
  Assembly assembly = test::small_assembly();
  std::vector<double> parameters(static_cast<std::size_t>(assembly.network.parameters));
  initialize(assembly.network, 1, parameters.data());
  Communicator communicator;
  const PhysicsPoints points(assembly, {});
  ASSERT_EQ(points.domain(), 2u);
  EXPECT_EQ(points.count(0), 4096);
  StatementEvaluator evaluator(communicator, assembly, {}, parameters, points);
  const std::vector<StatementSizes> sizes = evaluator.sizes();
  const StatementMeasure measure = evaluator.measures(sizes)[1];
  const auto engine = make_engine({}, assembly.network, {assembly.fields});
  const TermPoints line = points.make_share(1, 0, 1);
  std::vector<double> u(static_cast<std::size_t>(line.local_count));
  engine->residuals(Stream{}, parameters.data(), 0, line, u.data());
  double largest = 0, sum = 0, size_u = 0, size_sine = 0;
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double sine = std::sin(M_PI * line.coordinate(1)[i]), residual = std::abs(u[i] - sine);
    largest = std::max(largest, residual);
    sum += residual;
    size_u += u[i] * u[i];
    size_sine += sine * sine;
  }
  const auto count = static_cast<double>(u.size());
  EXPECT_EQ(measure.points, 4096);
  EXPECT_NEAR(measure.max, largest, 1e-14);
  EXPECT_NEAR(measure.mean, sum / count, 1e-14);
  EXPECT_NEAR(sizes[1][0], std::sqrt(std::max(size_u, size_sine) / count), 1e-12);
}

// The points of a set are the same however they are cut into pieces and shares.
TEST(Physics, PointsArePureFunctionsOfTheirNumbers) {
  const Assembly assembly = test::small_assembly();
  const PhysicsPoints points(assembly, {}), drawn_alike(assembly, {}, {1, 0});
  const TermPoints all = points.make_share(0, 0, 1), some = points.make(0, {512, 1000});
  for (std::int64_t i = 0; i < some.local_count; ++i)
    for (int d : {0, 1}) ASSERT_EQ(some.coordinate(d)[i], all.coordinate(d)[512 + i]) << i;
  std::int64_t shared = 0;
  for (int rank = 0; rank < 3; ++rank) shared += points.make_share(0, rank, 3).local_count;
  EXPECT_EQ(shared, 4096);
  EXPECT_NE(drawn_alike.make_share(0, 0, 1).coordinates, all.coordinates);
}

Assembly assembly_of(const std::vector<TermText>& terms) {
  NetworkOptions network;
  network.hidden = {4};
  SamplingOptions sampling;
  for (const TermText& term : terms) sampling.points[term.name] = 10;
  return assemble(testing::problem_of(terms), network, sampling, 0, 1);
}

// [terms of a] why they cannot be compared with those of b
std::vector<std::string> differences(const Assembly& a, const Assembly& b) {
  Communicator communicator;
  std::vector<StatementPair> pairs = pair_statements(*a.problem, *b.problem);
  std::vector<std::size_t> numbers(pairs.size());
  for (std::size_t t = 0; t < pairs.size(); ++t) numbers[pairs[t].other] = t;
  const PhysicsPoints points(a, {}), others(b, {}, numbers);
  compare_points(communicator, a, points, b, others, pairs);
  std::vector<std::string> list;
  for (const StatementPair& pair : pairs) {
    EXPECT_EQ(a.problem->terms[list.size()].name, b.problem->terms[pair.other].name);
    list.push_back(pair.differs);
  }
  return list;
}

TEST(Physics, StatementsArePairedByTheirNames) {
  using testing::term;
  const TermText heat = term("heat", "u_t - 0.1*u_xx"), wall = term("wall", "u", "x == 1"), other = term("other", "u");
  EXPECT_EQ(differences(assembly_of({heat, wall, other}), assembly_of({other, heat, wall})),
            std::vector<std::string>(3, ""));
}

TEST(Physics, StatementsAreComparedWhereTheyAreLookedAtAlike) {
  using testing::term;
  const TermText heat = term("heat", "u_t - 0.1*u_xx"), wall = term("wall", "u", "x == 1");
  const auto with = [&](const TermText& another) {
    return differences(assembly_of({heat, wall}), assembly_of({another, heat}));
  };
  const std::vector<std::string> elsewhere = with(term("wall", "u", "x == -1"));
  EXPECT_EQ(elsewhere[0], "");
  EXPECT_NE(elsewhere[1].find("points lie elsewhere"), std::string::npos);
  TermText mean = wall;
  mean.reduction = Reduction::square_of_mean;
  EXPECT_NE(with(mean)[1].find("squares its mean"), std::string::npos);
}

}  // namespace
}  // namespace jetpinn
