#include "jetpinn/problem/stage_constants.hpp"

#include "support/expect_error.hpp"
#include "support/problem_text.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

// nu follows from Re; stage 1 changes Re, stage 2 changes nothing, stage 3 gives the same as stage 1.
ProblemText flow() {
  ProblemText text =
      testing::text_of({testing::term("flow", "u_t + u*u_x - stress"), testing::term("walls", "u - c", "x == 1")});
  text.constants = {{"Re", testing::source("100")}, {"nu", testing::source("1/Re")}, {"c", testing::source("2")}};
  text.definitions = {{"stress", testing::source("nu*u_xx")}};
  text.monitors = {testing::monitor(MonitorKind::integral, "nu*u_x", "x == 1")};
  text.stage_constants.resize(4);
  text.stage_constants[1] = {{"Re", testing::source("50")}};
  text.stage_constants[2] = {{"c", testing::source("4/2")}};
  text.stage_constants[3] = {{"Re", testing::source("5e1")}};
  return text;
}

TEST(StageConstants, WhatFollowsFromThemChangesToo) {
  const ProblemText text = flow();
  EXPECT_TRUE(changed_constants(text, 0).empty());
  EXPECT_EQ(changed_constants(text, 1), (std::map<std::string, double>{{"Re", 50}, {"nu", 0.02}}));
  EXPECT_TRUE(changed_constants(text, 2).empty()) << "the same value in other words";
  EXPECT_TRUE(changed_constants(text, 7).empty());
}

TEST(StageConstants, MakeVariantsOfTheExpressions) {
  const Problem problem = build_problem(flow());
  ASSERT_EQ(problem.variants.size(), 2u);
  EXPECT_EQ(problem.variant_of_stage, (std::vector<std::size_t>{0, 1, 0, 1}));
  ProblemText other = flow();
  other.constants["Re"] = testing::source("50");
  other.stage_constants.clear();
  const Problem alone = build_problem(other);
  const auto text_of = [](const Problem& of, NodeId id) { return to_text(of.graph, id, {"t", "x"}, {"u"}); };
  EXPECT_EQ(text_of(problem, problem.variants[1].residuals[0][0]), text_of(alone, alone.terms[0].residuals[0]));
  EXPECT_EQ(text_of(problem, problem.variants[1].monitors[0]), text_of(alone, alone.monitors[0].value));
  EXPECT_NE(problem.variants[1].residuals[0], problem.terms[0].residuals);
  EXPECT_EQ(problem.variants[1].residuals[1], problem.terms[1].residuals) << "c keeps its value";
  EXPECT_EQ(problem.variants[0].stated[0], problem.terms[0].stated);
  EXPECT_EQ(problem.symbols.constants.at("Re"), 100) << "what is asked for later is of the problem";
}

TEST(StageConstants, WhatIsMadeOnceIsRefused) {
  const auto refused = [](const char* what, const std::function<void(ProblemText&)>& change) {
    ProblemText text = flow();
    change(text);
    testing::expect_error(Status::usage, {"has another value in stage 1 (training.stages.1.constants)", what},
                          [&] { build_problem(text); });
  };
  refused("and the domain", [](ProblemText& text) { text.domain["t"][1] = testing::source("nu"); });
  refused("and the range of a parameter", [](ProblemText& text) {
    text.parameters["a"] = {testing::source("0"), testing::source("nu")};
  });
  refused("and the set of a condition",
          [](ProblemText& text) { text.terms[1].on = testing::source("x == 1 && t < 10*nu"); });
  refused("and a weight", [](ProblemText& text) { text.terms[0].weight = {testing::source("2*Re")}; });
  refused("and the set of a monitor", [](ProblemText& text) { text.monitors[0].on = testing::source("t <= nu"); });
  refused("'scale' has another value", [](ProblemText& text) {  // by way of a definition
    text.definitions["scale"] = testing::source("3*nu");
    text.output["u"] = testing::source("scale*u");
  });
  ProblemText alike = flow();
  alike.constants["nu_0"] = testing::source("1");
  alike.terms[0].weight = {testing::source("nu_0")};
  EXPECT_NO_THROW(build_problem(alike)) << "another name that begins alike";
}

// The weight of a row may be a column whose name a constant has too.
TEST(StageConstants, AColumnIsNoConstantOfItsName) {
  ProblemText text = flow();
  text.terms[1].on.reset();
  text.terms[1].points = testing::source("rows.h5");
  text.terms[1].weight = {testing::source("data.Re")};
  EXPECT_EQ(build_problem(text).variants.size(), 2u);
  text.terms[1].weight = {testing::source("data.Re*Re")};
  testing::expect_error(Status::usage, {"'Re' has another value in stage 1", "a weight"}, [&] { build_problem(text); });
}

// Weights of a stage

WeightText weights_of(const std::vector<std::string>& list) {
  WeightText weights;
  for (const std::string& text : list) weights.list.push_back(testing::source(text));
  weights.place = testing::source("the list");
  return weights;
}

// Stage 0 changes nothing, stages 1 and 2 weigh the walls alike, stage 3 gives the weight that they have anyway.
ProblemText weighed() {
  ProblemText text = flow();
  text.stage_constants.clear();
  text.terms[1].weight = {testing::source("2")};
  text.stage_weights.resize(4);
  text.stage_weights[1]["walls"] = weights_of({"1 + t"});
  text.stage_weights[2]["walls"] = weights_of({"1 + t"});
  text.stage_weights[3]["walls"] = weights_of({"4/2"});
  return text;
}

double value_at(const Problem& problem, NodeId node, double t) {
  const double place[] = {t, 0};
  return PointEvaluator(problem.graph, node)(place);
}

TEST(StageWeights, AreThoseOfTheirStagesAlone) {
  const Problem problem = build_problem(weighed());
  ASSERT_EQ(problem.variants.size(), 2u);
  EXPECT_EQ(problem.variant_of_stage, (std::vector<std::size_t>{0, 1, 1, 0}));
  const Variant &own = problem.variants[0], &other = problem.variants[1];
  EXPECT_EQ(value_at(problem, own.weights[1][0], 0.5), 2);
  EXPECT_EQ(value_at(problem, other.weights[1][0], 0.5), 1.5);
  EXPECT_EQ(other.weight_places[1][0].text, "1 + t");
  EXPECT_EQ(own.weights[0], other.weights[0]) << "of another term";
  EXPECT_EQ(own.residuals, other.residuals);
  EXPECT_EQ(problem.terms[1].weights, own.weights[1]) << "terms begin as the problem has them";
  EXPECT_EQ(problem.terms[1].weight_places[0].text, "2");
}

TEST(StageWeights, ReadTheConstantsOfTheirStage) {
  ProblemText text = weighed();
  text.stage_constants.resize(4);
  text.stage_constants[1] = {{"Re", testing::source("50")}};
  text.stage_weights[1]["walls"] = text.stage_weights[2]["walls"] = weights_of({"Re"});
  const Problem problem = build_problem(text);
  EXPECT_EQ(value_at(problem, problem.variants[problem.variant_of_stage[1]].weights[1][0], 0), 50);
  EXPECT_EQ(value_at(problem, problem.variants[problem.variant_of_stage[2]].weights[1][0], 0), 100);
  text.terms[1].weight = {testing::source("2*Re")};
  EXPECT_NO_THROW(build_problem(text)) << "stage 1, where Re is another, does not read it";
  text.stage_constants[2] = {{"Re", testing::source("60")}};
  text.stage_weights[2].clear();
  testing::expect_error(Status::usage, {"another value in stage 2", "a weight"}, [&] { build_problem(text); });
}

TEST(StageWeights, KeepToTheRulesOfWeights) {
  const auto refused = [](const std::vector<std::string>& list, const std::vector<std::string>& says,
                          Reduction reduction = Reduction::mean_of_squares) {
    ProblemText text = weighed();
    text.terms[1].reduction = reduction;
    text.stage_weights[2]["walls"] = weights_of(list);
    testing::expect_error(Status::usage, says, [&] { build_problem(text); });
  };
  refused({"-1"}, {"a weight cannot be negative"});
  refused({"1", "2"}, {"term 'walls' has 1 residual but 2 weights"});
  refused({"u"}, {"'u' is a field; here only coordinates and constants can stand"});
  refused({"1 + x"}, {"the weight of a mean is a number"}, Reduction::square_of_mean);
}

// sigma divides them as it divides the others; a column that they alone read is one more of the table.
TEST(StageWeights, OfATableAreDividedBySigma) {
  ProblemText text = weighed();
  text.terms[1].on.reset();
  text.terms[1].points = testing::source("rows.h5");
  text.terms[1].residuals = {testing::source("u - data.u")};
  text.terms[1].sigma = {testing::source("data.su")};
  text.stage_weights[1]["walls"] = text.stage_weights[2]["walls"] = weights_of({"8*data.w"});
  const Problem problem = build_problem(text);
  const std::vector<TermColumn>& columns = problem.terms[1].table->columns;
  ASSERT_EQ(columns.size(), 3u);
  EXPECT_EQ(columns[2].name, "w");
  const double place[] = {0, 0}, data[] = {0, 2, 3};  // u, su, w
  EXPECT_EQ(PointEvaluator(problem.graph, problem.variants[0].weights[1][0])(place, data), 2 / 4.0);
  EXPECT_EQ(PointEvaluator(problem.graph, problem.variants[1].weights[1][0])(place, data), 8 * 3 / 4.0);
}

}  // namespace
}  // namespace jetpinn
