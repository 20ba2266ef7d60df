#include "jetpinn/expr/graph.hpp"
#include "jetpinn/expr/parser.hpp"

#include <gtest/gtest.h>

using namespace jetpinn;

// What to_text writes reads back as the same node.
TEST(Text, ReadsBack) {
  SymbolTable table;
  table.coordinates = {"t", "x"};
  table.fields = {"u", "v"};
  ExpressionGraph graph;
  for (const char* text : {"u_t + u*u_x - 0.01*u_xx",
                           "x - (t - u)",
                           "x/(t*u)",
                           "x/t/u",
                           "(x^t)^u",
                           "x^t^u",
                           "-x^2",
                           "(-x)^t",
                           "2^(-x)",
                           "(x < t) == (u < v)",
                           "!(x < 0 && t > 1 || u == v)",
                           "where(x > 0, exp(x), -u_xx/3)",
                           "atan2(u, v) + min(x, t)*mod(x, 0.3)",
                           "1e-30*x + 12345.678901234567",
                           "-(x + t)",
                           "x - -3*t",
                           "0.1*(x + t)*(x - t)",
                           "(-2)^x",
                           "sqrt(1 - x^2)/(1 + abs(t))",
                           "step(x) - sign(t)",
                           "(x < t)*u"}) {
    const NodeId node = parse_expression(graph, table, text);
    const std::string written = to_text(graph, node, table.coordinates, table.fields);
    EXPECT_EQ(parse_expression(graph, table, written), node) << text << " became " << written;
  }
}

TEST(Text, StaysShortWhereSharingIsDeep) {
  ExpressionGraph graph;
  NodeId node = graph.coordinate(0);
  for (int k = 0; k < 1000; ++k) node = graph.multiply(graph.make(op_of("sin"), node), graph.make(op_of("cos"), node));
  EXPECT_LT(to_text(graph, node, {"x"}, {}).size(), 10000u);
}

// A formula that the program made has a name in sentences, and stands written out where texts are read back.
TEST(Text, SentencesCallAFormulaByItsName) {
  SymbolTable table;
  table.coordinates = {"x"};
  ExpressionGraph graph;
  const NodeId body = parse_expression(graph, table, "x^2 - 0.123456789 <= 0");
  graph.name_briefly(body, "disk");
  const NodeId set = parse_expression(graph, table, "(x^2 - 0.123456789 <= 0) && x < 0.123456789");
  EXPECT_EQ(short_text(graph, set, table.coordinates, {}), "disk && x < 0.123457");
  EXPECT_EQ(parse_expression(graph, table, to_text(graph, set, table.coordinates, {})), set);
}
