#include "jetpinn/audit/field_values.hpp"

#include "jetpinn/expr/parser.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

SymbolTable names() {
  SymbolTable symbols;
  symbols.coordinates = {"x"};
  symbols.fields = {"u", "v"};
  return symbols;
}

TEST(FieldValues, TakesFieldsInTheOrderOfItsLeaves) {
  ExpressionGraph graph;
  FieldValues values(graph, parse_expression(graph, names(), "x^2*u + 3*v_x - u"));
  ASSERT_EQ(values.leaves().size(), 2u);
  double fields[2] = {0, 0};
  for (std::size_t f = 0; f < 2; ++f) fields[f] = graph[values.leaves()[f]].index == 0 ? 5 : 7;
  const double x = 2;
  EXPECT_EQ(values(&x, fields), 4 * 5 + 3 * 7 - 5);
}

TEST(FieldValues, BranchesChangeAtJumpsAlone) {
  ExpressionGraph graph;
  for (const char* text : {"where(x < 1, 2, 3)", "sign(x - 1)", "step(x - 1)", "mod(x, 1)", "(x < 1)*5"}) {
    FieldValues values(graph, parse_expression(graph, names(), text));
    const auto branch = [&](double x) {
      values(&x, nullptr);
      return values.branch();
    };
    EXPECT_EQ(branch(0.25), branch(0.75)) << text;
    EXPECT_NE(branch(0.75), branch(1.25)) << text;
  }
  FieldValues smooth(graph, parse_expression(graph, names(), "abs(x - 1) + max(x, 1)"));
  double x = 0.5;
  smooth(&x, nullptr);
  const auto before = smooth.branch();
  x = 1.5;
  smooth(&x, nullptr);
  EXPECT_EQ(smooth.branch(), before);
}

}  // namespace
}  // namespace jetpinn
