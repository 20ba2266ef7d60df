#include "jetpinn/expr/graph.hpp"
#include "support/expression_case.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace jetpinn;

using Case = test::ExpressionCase;

TEST(Substitute, AnExpressionAtTheOtherSiteHasItsLeavesThere) {
  Case c;
  ExpressionGraph& g = c.graph;
  const NodeId here = g.add(c.parse("x*u_x + sin(t)"), g.multiply(g.attribute(0), g.multiply(g.data(1), g.trainable(0))));
  const NodeId there = at_other_site(g, here);
  EXPECT_EQ(c.text(at_other_site(g, c.parse("x*u_x"))), "other(x)*other(u_x)");
  EXPECT_TRUE(g.depends_on_second_site(there));
  EXPECT_EQ(at_other_site(g, there), here);
  // Data, trainables and numbers belong to both.
  const NodeId shared = g.multiply(g.data(1), g.add(g.trainable(0), g.stage_constant(2)));
  EXPECT_EQ(at_other_site(g, shared), shared);
}

TEST(Substitute, FieldsAtTheOtherSiteAreReplacedByTheExpressionThere) {
  Case c;
  const std::vector<NodeId> outputs{c.parse("x*u"), c.parse("v + t")};
  const NodeId there = at_other_site(c.graph, c.parse("u_x*v"));
  const NodeId raw = substitute_fields(c.graph, c.graph.subtract(c.parse("u"), there), outputs);
  EXPECT_EQ(raw, c.graph.subtract(c.parse("x*u"), at_other_site(c.graph, c.parse("(u + x*u_x)*(v + t)"))));
}

TEST(Substitute, WhatHasNoFieldsStays) {
  Case c;
  const NodeId free = c.parse("sin(x) + t");
  EXPECT_EQ(substitute_fields(c.graph, free, {c.parse("x*u"), c.parse("v")}), free);
}
