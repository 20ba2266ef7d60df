#include "jetpinn/problem/expression_checks.hpp"

#include "jetpinn/expr/parser.hpp"

#include <gtest/gtest.h>

#include <string>

namespace jetpinn {
namespace {

class ExpressionChecks : public ::testing::Test {
 protected:
  ExpressionChecks() {
    symbols.coordinates = {"t", "x"};
    symbols.fields = {"u"};
  }
  NodeId node(const std::string& text) { return parse_expression(graph, symbols, text); }

  ExpressionGraph graph;
  SymbolTable symbols;
};

TEST_F(ExpressionChecks, AFieldTeachesWhereItMovesTheValue) {
  for (const char* text : {"u", "u_x + x", "where(x > 0, u, 1)", "abs(u)", "min(u, x)"})
    EXPECT_TRUE(learns_from_fields(graph, node(text))) << text;
  for (const char* text : {"x", "sign(u)", "step(u)*x", "u > 0", "where(u > 0, 1, 2)", "1 + (u == x)"})
    EXPECT_FALSE(learns_from_fields(graph, node(text))) << text;
}

TEST_F(ExpressionChecks, ASetIsTrueOrFalse) {
  for (const char* text : {"x < 1", "x == 0 || t == 0", "!(x < 1)", "1", "step(x)*(t < 1)", "min(x < 1, t < 1)"})
    EXPECT_TRUE(is_condition(graph, node(text))) << text;
  for (const char* text : {"x", "x - 1", "x*(t < 1)", "max(x, t < 1)"})
    EXPECT_FALSE(is_condition(graph, node(text))) << text;
}

TEST_F(ExpressionChecks, TheHighestOrderIsThatOfAField) {
  EXPECT_EQ(highest_order(graph, node("x^3")), 0);
  EXPECT_EQ(highest_order(graph, node("u*x")), 0);
  EXPECT_EQ(highest_order(graph, node("u + sin(u_x)*d(u, x, x, t)")), 3);
}

}  // namespace
}  // namespace jetpinn
