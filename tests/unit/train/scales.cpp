#include "jetpinn/train/scales.hpp"

#include "jetpinn/train/assembly.hpp"
#include "support/problem_text.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace jetpinn {
namespace {

using testing::source;
using testing::term;

struct Case {
  ProblemText text;

  Case(std::vector<std::string> fields, std::vector<TermText> terms) {
    text = testing::text_of(terms);
    text.fields = std::move(fields);
    text.scales.automatic = true;
  }
  Problem scaled() const {
    Problem problem = build_problem(text);
    scale_problem(problem, {});
    return problem;
  }
  std::map<std::string, double> scales() const {
    const auto list = recorded_scales(scaled());
    return {list.begin(), list.end()};
  }
};

// E I w'''' = q with w'''' = w/X^4: w = q X^4/(E I).
TEST(ScaleProblem, AFieldBalancesItsSource) {
  Case beam({"w"}, {term("beam", "2e11*1e-8*w_xxxx + 3*d(w, t, t) - 5e4"), term("ends", "w", "x == -1 || x == 1")});
  beam.text.domain["x"] = {source("0"), source("0.5")};
  beam.text.terms[1] = term("ends", "w", "x == 0 || x == 0.5");
  const auto scales = beam.scales();
  EXPECT_EQ(scales.at("t"), 0.5);
  EXPECT_EQ(scales.at("x"), 0.25);
  EXPECT_EQ(scales.at("w"), 0.098);  // 5e4 0.25^4/2e3 = 0.09766
  const Problem problem = beam.scaled();
  EXPECT_EQ(problem.terms[0].scales, std::vector<double>{5e4});
  EXPECT_EQ(problem.terms[1].scales, std::vector<double>{0.098});
}

TEST(ScaleProblem, PrescribedValuesCountBeforeSources) {
  EXPECT_EQ(Case({"u"}, {term("heat", "u_t - u_xx - 1e6"), term("start", "u - 300 - 20*x", "t == 0")}).scales().at("u"),
            320);
  EXPECT_EQ(Case({"u"}, {term("heat", "u_t - u_xx"), term("flux", "2*u_x - 50", "x == 1")}).scales().at("u"), 25);
  const auto of_ends = [](const std::string& left, const std::string& right) {
    return Case({"u"}, {term("heat", "u_t - u_xx"), term("left", left, "x == -1"), term("right", right, "x == 1")})
        .scales()
        .at("u");
  };
  EXPECT_EQ(of_ends("u - 5", "u - 300"), 300);
  EXPECT_EQ(of_ends("u - 300", "u - 5"), 300);
  EXPECT_EQ(Case({"u"}, {term("square", "u^2 - 1e4 + u_x")}).scales().at("u"), 100);
}

// A lid moves; continuity gives the other velocity, the balance of momentum the pressure.
TEST(ScaleProblem, FieldsFollowFromOneAnother) {
  Case flow({"u", "v", "p"}, {term("momentum", "1000*(d(u, t)*u + u_x*v) + d(p, t) - 1e-3*u_xx"),
                              term("continuity", "d(u, t) + v_x"), term("lid", "u - 2", "x == 1")});
  const auto scales = flow.scales();  // t and x are the directions, 0.5 and 1 their halves
  EXPECT_EQ(scales.at("u"), 2);
  EXPECT_EQ(scales.at("v"), 4);
  EXPECT_EQ(scales.at("p"), 4000);
}

TEST(ScaleProblem, ASystemOfOneOrderIsBalancedTogether) {
  Case body({"u", "v"}, {term("first", "2e9*u_xx + 1e9*d(v, t, x) - 1e5"), term("second", "2e9*v_xx + 1e9*d(u, t, x)")});
  EXPECT_EQ(body.scales().at("u"), 5e-5);
  EXPECT_EQ(body.scales().at("v"), 5e-5);
}

TEST(ScaleProblem, WhatNothingTellsIsOneAndSaysSo) {
  const Problem problem = Case({"u"}, {term("wave", "u_t - 5*u_x")}).scaled();
  EXPECT_EQ(problem.scales.fields[0].value, 1);
  EXPECT_EQ(problem.scales.fields[0].reason, "nothing tells its size");
  EXPECT_NE(scale_sentences(problem)[2].find("u = 1 (nothing tells its size)"), std::string::npos);
  EXPECT_EQ(problem.terms[0].scales, std::vector<double>{5});
}

TEST(ScaleProblem, GivenScalesStay) {
  Case heat({"u"}, {term("heat", "u_t - u_xx - 7"), term("start", "u - 300", "t == 0")});
  heat.text.scales.values = {{"x", source("10 cm")}, {"u", source("50 K")}};
  const auto scales = heat.scales();
  EXPECT_DOUBLE_EQ(scales.at("x"), 0.1);
  EXPECT_EQ(scales.at("u"), 50);
  EXPECT_EQ(scales.at("t"), 0.5);
  EXPECT_EQ(heat.scaled().terms[0].scales, std::vector<double>{5000});  // 50/0.1^2
}

// The same function in scaled variables: outputs in the user's units, residuals over their scales.
TEST(ScaleProblem, ExpressionsAreThoseOfTheScaledField) {
  Case plain({"u"}, {term("heat", "u_t - u_xx - 7"), term("start", "u - 300", "t == 0")});
  plain.text.monitors = {testing::monitor(MonitorKind::mean, "u_x", "")};
  plain.text.output["u"] = source("20 + u");
  const Problem problem = plain.scaled();
  const auto text = [&](NodeId node) {
    return to_text(problem.graph, node, problem.symbols.coordinates, problem.symbols.fields);
  };
  EXPECT_EQ(problem.scales.fields[0].value, 280);
  EXPECT_EQ(text(problem.outputs[0]), "20 + 280*u");
  EXPECT_EQ(text(problem.monitors[0].value), "280*u_x");
  EXPECT_EQ(problem.variants[0].residuals[0], problem.terms[0].residuals);
  EXPECT_EQ(problem.terms[1].scales, std::vector<double>{280});
  EXPECT_EQ(text(problem.terms[1].residuals[0]), fmt::format("{}*(-300 + 20 + 280*u)", 1 / 280.0));
  EXPECT_EQ(text(problem.terms[0].stated[0]), text(build_problem(plain.text).terms[0].stated[0]));
}

TEST(ScaleProblem, WithoutTheKeyNothingChanges) {
  Case plain({"u"}, {term("heat", "1e6*u_t - u_xx - 7")});
  plain.text.scales = {};
  const Assembly assembly = assemble(build_problem(plain.text), {}, {}, 0, 1);
  EXPECT_TRUE(recorded_scales(*assembly.problem).empty());
  EXPECT_TRUE(assembly.problem->terms[0].scales.empty());
  EXPECT_EQ(assembly.problem->terms[0].residuals, assembly.problem->terms[0].stated);
}

}  // namespace
}  // namespace jetpinn
