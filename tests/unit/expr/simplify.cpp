#include "jetpinn/expr/graph.hpp"

#include "jetpinn/expr/parser.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace jetpinn;

namespace {

struct Texts {
  ExpressionGraph graph;
  SymbolTable table;
  Texts() {
    table.coordinates = {"x", "y"};
    table.fields = {"u"};
  }
  NodeId operator()(const char* text) { return parse_expression(graph, table, text); }
};

}  // namespace

TEST(Simplify, EqualExpressionsAreOneNode) {
  Texts of;
  const char* pairs[][2] = {{"x + y", "y + x"},
                            {"x*y", "y*x"},
                            {"x + 0", "x"},
                            {"x - x", "0"},
                            {"x*0", "0"},
                            {"1*x", "x"},
                            {"x/1", "x"},
                            {"0/x", "0"},
                            {"--x", "x"},
                            {"-(-x*y)", "x*y"},
                            {"x + x", "2*x"},
                            {"2*x + 3*x", "5*x"},
                            {"x - 2*x", "-x"},
                            {"2*(3*x)", "6*x"},
                            {"(2*x)*(3*y)", "6*(x*y)"},
                            {"x*x", "x^2"},
                            {"x^2*x", "x^3"},
                            {"(x^2)^3", "x^6"},
                            {"x^1", "x"},
                            {"x^0", "1"},
                            {"(-x)^2", "x^2"},
                            {"(-x)^3", "-x^3"},
                            {"(2*x)^2", "4*x^2"},
                            {"x/4", "0.25*x"},
                            {"(-x)/y", "-(x/y)"},
                            {"sin(-x)", "-sin(x)"},
                            {"cos(-x)", "cos(x)"},
                            {"abs(-2*x)", "abs(2*x)"},
                            {"tanh(-x)", "-tanh(x)"},
                            {"where(x > 0, y, y)", "y"},
                            {"where(1 > 2, x, y)", "y"},
                            {"min(x, x)", "x"},
                            {"max(x, y)", "max(y, x)"},
                            {"x == 1", "1 == x"},
                            {"x > 1", "1 < x"},
                            {"-x - y", "-(x + y)"},
                            {"u*0 + x", "x"},
                            {"2 + 3*4", "14"},
                            {"x > 0 && 1 > 2", "0"}};
  for (const auto& [left, right] : pairs) EXPECT_EQ(of(left), of(right)) << left << " and " << right;
}

// Rewriting changes values by rounding only: random expressions against the same operations on numbers.
TEST(Simplify, ValuesStay) {
  std::mt19937 random(7);
  const auto pick = [&random](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  for (int round = 0; round < 200; ++round) {
    ExpressionGraph graph;
    const double point[] = {0.625, -1.375};
    std::vector<std::pair<NodeId, double>> made{{graph.coordinate(0), point[0]}, {graph.coordinate(1), point[1]}};
    for (double constant : {0.0, 1.0, -1.0, 2.0, -0.5}) made.emplace_back(graph.constant(constant), constant);
    for (int step = 0; step < 25; ++step) {
      const Op ops[] = {Op::add, Op::multiply, Op::divide,  Op::negate, op_of("sin"), op_of("cos"),
                        op_of("abs"), op_of("min"),  op_of("max"), op_of("where"),  Op::less};
      const Op op = ops[pick(11)];
      const auto a = made[static_cast<std::size_t>(pick(static_cast<int>(made.size())))];
      const auto b = made[static_cast<std::size_t>(pick(static_cast<int>(made.size())))];
      const auto c = made[static_cast<std::size_t>(pick(static_cast<int>(made.size())))];
      const double value = apply(op, a.second, b.second, c.second);
      if (!std::isfinite(value) || std::abs(value) > 1e6 || (value != 0 && std::abs(value) < 1e-6)) continue;
      if (op == Op::less && std::abs(a.second - b.second) < 1e-9) continue;  // may fall either way by rounding
      if (op == Op::divide && std::abs(b.second) < 1e-3) continue;
      made.emplace_back(graph.make(op, a.first, operand_count(op) > 1 ? b.first : -1, operand_count(op) > 2 ? c.first : -1),
                        value);
      const double tolerance =
          1e-9 * (1 + std::abs(value));  // 25 steps of epsilon, each amplified up to 1e3 by a quotient or 1e6 by size
      ASSERT_NEAR(evaluate(graph, made.back().first, point), value, tolerance);
    }
  }
}

TEST(Simplify, NotANumberIsKept) {
  EXPECT_TRUE(std::isnan(apply(op_of("min"), 1, NAN)));
  EXPECT_TRUE(std::isnan(apply(op_of("min"), NAN, 1)));
  EXPECT_TRUE(std::isnan(apply(op_of("max"), 1, NAN)));
  EXPECT_TRUE(std::isnan(apply(op_of("max"), NAN, 1)));
  EXPECT_TRUE(std::isnan(apply(op_of("sign"), NAN)));
  EXPECT_TRUE(std::isnan(apply(op_of("step"), NAN)));
}
