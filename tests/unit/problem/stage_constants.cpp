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

}  // namespace
}  // namespace jetpinn
