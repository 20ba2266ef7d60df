#include "jetpinn/plan/term_inputs.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/plan/jet_plan.hpp"
#include "support/expression_case.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace jetpinn;

namespace {

struct Case : test::ExpressionCase {
  Case() : ExpressionCase({"u"}) { symbols.time = 0; }
  NodeId second(const std::string& text) { return at_other_site(graph, parse(text)); }
  TermProgram compile(NodeId residual, const TermGroups& groups) { return compile_term(graph, {residual}, 2, 1, groups); }
};

bool lists(const std::vector<TermInput>& inputs, const TermInput& input) {
  return std::find(inputs.begin(), inputs.end(), input) != inputs.end();
}

std::string refusal(Case& c, NodeId residual, const TermGroups& groups) {
  try {
    c.compile(residual, groups);
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    return error.what();
  }
  return "";
}

}  // namespace

TEST(TermInputs, WhatNothingServesIsRefusedByName) {
  Case c;
  ExpressionGraph& g = c.graph;
  const NodeId u = c.parse("u");
  TermGroups groups;
  groups.data = groups.attributes = groups.trainables = groups.constants = 1;
  for (const NodeId served : {g.data(0), g.attribute(0), g.trainable(0), g.stage_constant(0)})
    EXPECT_EQ(refusal(c, g.subtract(u, served), groups), "");
  EXPECT_EQ(refusal(c, g.subtract(u, g.data(1)), groups),
            "this term reads data.1, which nothing serves: it has 1 data columns");
  for (const auto& [leaf, text] : {std::pair{g.attribute(1), "attribute.1"},
                                   {g.trainable(4), "trainable.4"},
                                   {g.stage_constant(1), "constant.1"},
                                   {g.coordinate(2), "x2"},
                                   {g.field(1), "u1"},
                                   {g.coordinate(0, 1), "other(x0)"},
                                   {g.channel(0), "channel0"}})
    EXPECT_NE(refusal(c, g.subtract(u, leaf), groups).find(text), std::string::npos) << text;
  groups.sites = 2;
  EXPECT_EQ(refusal(c, g.subtract(u, g.coordinate(0, 1)), groups), "");
  EXPECT_NE(refusal(c, g.subtract(u, g.coordinate(0, 2)), groups), "");
  // A coefficient that the plan folds into a channel is looked at as well.
  EXPECT_NE(refusal(c, g.subtract(c.parse("u_t"), g.multiply(g.data(1), c.parse("u_xx"))), groups).find("data.1"),
            std::string::npos);
}

TEST(TermInputs, ColumnsStandInOrderAndOnce) {
  Case c;
  ExpressionGraph& g = c.graph;
  TermGroups groups;
  groups.data = 3, groups.trainables = 2, groups.sites = 2;
  const NodeId both = g.multiply(g.data(2), g.trainable(1));
  const TermProgram term = c.compile(g.add(g.subtract(c.parse("u_x"), c.second("u_x")), g.add(both, g.data(2))), groups);
  ASSERT_EQ(term.residual.inputs, static_cast<int>(term.inputs.size()));
  EXPECT_EQ(term.channels(), 2);
  const std::vector<TermInput> begin{{InputGroup::coordinate, 0, 0}, {InputGroup::coordinate, 1, 0},
                                     {InputGroup::channel, 0, 0},    {InputGroup::channel, 1, 0},
                                     {InputGroup::channel, 0, 1},    {InputGroup::channel, 1, 1}};
  EXPECT_TRUE(std::equal(begin.begin(), begin.end(), term.inputs.begin()));
  EXPECT_EQ(term.inputs.size(), begin.size() + 2);
  EXPECT_TRUE(lists(term.inputs, {InputGroup::data, 2, 0}));
  EXPECT_TRUE(lists(term.inputs, {InputGroup::trainable, 1, 0}));
}

// A problem's parameter is a coordinate that no derivative is asked of: it costs no channel.
TEST(TermInputs, ParametersOfAProblemAreCoordinates) {
  Case c;
  c.symbols.coordinates = {"t", "x", "nu"};
  const TermProgram term = compile_term(c.graph, {c.parse("u_t + u*u_x - nu*u_xx")}, 3, 1);
  EXPECT_EQ(term.channels(), 3);
  EXPECT_TRUE(lists(term.coefficient_inputs, {InputGroup::coordinate, 2, 0}));
  EXPECT_FALSE(term.plan.trained());
}

TEST(TermInputs, TrainablesInsideAnOperatorMarkTheirSlots) {
  Case c;
  ExpressionGraph& g = c.graph;
  TermGroups groups;
  groups.trainables = 1, groups.constants = 1;
  const auto term = [&](NodeId coefficient) {
    return c.compile(g.subtract(c.parse("u_t + u*u_x"), g.multiply(coefficient, c.parse("u_xx"))), groups);
  };
  const TermProgram trained = term(g.power(g.trainable(0), 2)), fixed = term(g.stage_constant(0));
  EXPECT_EQ(trained.channels(), 3);
  EXPECT_TRUE(trained.plan.trained());
  EXPECT_EQ(trained.plan.trained_slots, std::vector<bool>{true});
  EXPECT_TRUE(lists(trained.coefficient_inputs, {InputGroup::trainable, 0, 0}));
  EXPECT_FALSE(fixed.plan.trained());
  EXPECT_EQ(fixed.plan.trained_slots, std::vector<bool>{false});
}

// Both points are swept alike: an operator that both know is one channel, and one that mixes the points is split off.
TEST(TermInputs, LinkedPointsShareTheirChannels) {
  Case c;
  ExpressionGraph& g = c.graph;
  TermGroups groups;
  groups.sites = 2;
  const auto channels = [&](NodeId residual) { return c.compile(residual, groups).channels(); };
  const std::string flux = "u_t - (1 + x^2)*u_xx";
  EXPECT_EQ(channels(g.subtract(c.parse("u"), c.second("u"))), 1);
  EXPECT_EQ(channels(g.subtract(c.parse("u_x"), c.second("2*u_x"))), 2);
  EXPECT_EQ(channels(g.subtract(c.parse(flux), c.second(flux))), channels(c.parse(flux)));
  EXPECT_EQ(channels(g.subtract(c.parse(flux), c.second("u_t - (1 + t)*u_xx"))), 4);
  const NodeId mixed = g.subtract(c.parse("u_t"), g.multiply(c.second("x"), c.parse("u_xx")));
  EXPECT_EQ(channels(mixed), 4);  // 1, d/dx, d/dt, d2/dx2: no point knows the other's x
  const TermProgram term = c.compile(mixed, groups);
  EXPECT_TRUE(lists(term.inputs, {InputGroup::coordinate, 1, 1}));
  EXPECT_EQ(term.plan.point_coefficients.size(), 0u);
}
