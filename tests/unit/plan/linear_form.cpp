#include "jetpinn/plan/linear_form.hpp"

#include "support/expression_case.hpp"

#include <gtest/gtest.h>

using namespace jetpinn;

using LinearCase = test::ExpressionCase;

TEST(LinearForm, CollectsThroughNestedSums) {
  LinearCase c;
  const LinearForm form = linear_form(c.graph, c.parse("-(2*(u_t - x*(u_xx + 3*v_x)) - u)/x + 4*u*v_x + sin(x)"));
  ASSERT_EQ(form.operators.size(), 2u);
  const LinearOperator& u = form.operators.at(0);
  ASSERT_EQ(u.size(), 2u);
  EXPECT_EQ(u[0].factor, -2);
  EXPECT_EQ(u[0].function, c.parse("1/x"));
  const double point[] = {0.3, 0.7};
  EXPECT_DOUBLE_EQ(u[1].factor * evaluate(c.graph, u[1].function, point), 2);  // 2 x / x
  EXPECT_EQ(form.values.at(0), c.parse("1/x"));
  ASSERT_EQ(form.atoms.size(), 1u);
  EXPECT_TRUE(c.graph.is_constant(form.atoms[0].first, 4));
  EXPECT_EQ(form.atoms[0].second, c.parse("u*v_x"));
  EXPECT_EQ(form.free, c.parse("sin(x)"));
}

TEST(LinearForm, OperandsOfProductsHaveFormsOfTheirOwn) {
  LinearCase c;
  const NodeId root = c.parse("(u_t + u_x)*exp(v_x)");
  const auto forms = linear_forms(c.graph, {root});
  EXPECT_EQ(forms.count(c.parse("u_t + u_x")), 1u);
  EXPECT_EQ(forms.count(c.parse("v_x")), 1u);
  EXPECT_EQ(forms.at(c.parse("u_t + u_x")).operators.at(0).size(), 2u);
  EXPECT_TRUE(forms.at(root).operators.empty());
}

TEST(LinearForm, SharedSumsAreWalkedOnce) {
  LinearCase c;
  NodeId node = c.parse("u_x");
  // 2^200 paths
  for (int k = 0; k < 200; ++k) node = c.graph.add(c.graph.multiply(c.parse("x"), node), c.graph.negate(node));
  const LinearForm form = linear_form(c.graph, node);
  ASSERT_EQ(form.operators.size(), 1u);
  EXPECT_EQ(form.operators.at(0).size(), 1u);
}
