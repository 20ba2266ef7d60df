#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/parser.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

using namespace jetpinn;

namespace {

SymbolTable symbols() {
  SymbolTable table;
  table.coordinates = {"t", "x", "y"};
  table.time = 0;
  table.fields = {"u", "v"};
  return table;
}

}  // namespace

// Every rule against central differences of fourth order.
TEST(Differentiate, AgreesWithFiniteDifferences) {
  const char* texts[] = {"x^3*y - t*x",  "x/y",
                         "x^2.5",        "2^x",
                         "x^y",          "x^-2",
                         "sin(x*y)",     "cos(x)*sin(t)",
                         "tan(x/3)",     "asin(x/2)",
                         "acos(x/3)",    "atan(x*y)",
                         "atan2(x, y)",  "atan2(y^2, x)",
                         "sinh(x)",      "cosh(x*t)",
                         "tanh(2*x)",    "exp(-x^2)",
                         "log(1 + x^2)", "sqrt(1 + x*y)",
                         "abs(x - 5)",   "abs(x)",
                         "erf(x - y)",   "min(x, y)",
                         "max(x^2, y)",  "mod(x, 0.37)",
                         "mod(y, x/5)",  "step(x)*x",
                         "sign(x)*x^2",  "where(x > y, sin(x), cos(x))",
                         "(x > 1)*x",    "pow(x, 3)/(1 + x)",
                         "x*x*x/x",      "-(-x)*-x",
                         "sqrt(x)^3",    "(2*x)^3/(3*x)",
                         "-x^2 - x"};
  const double h = 1e-3, epsilon = std::numeric_limits<double>::epsilon();
  for (const char* text : texts) {
    ExpressionGraph graph;
    const NodeId f = parse_expression(graph, symbols(), text);
    for (int coordinate = 0; coordinate < 3; ++coordinate) {
      const NodeId derivative = differentiate(graph, f, coordinate);
      const double points[][3] = {{0.3, 0.7, 0.45}, {1.1, 1.3, 0.8}};
      for (const auto& point : points) {
        const auto at = [&](double step) {
          double moved[] = {point[0], point[1], point[2]};
          moved[coordinate] += step * h;
          return evaluate(graph, f, moved);
        };
        const double difference = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
        // Truncation h^4 f^(5) / 30 with fifth derivatives up to 3e4 here (x/y by y); rounding of f over h.
        const double tolerance = 1000 * std::pow(h, 4) + 10 * epsilon / h * (1 + std::abs(at(0)));
        EXPECT_NEAR(evaluate(graph, derivative, point), difference, tolerance) << "d(" << text << ", " << coordinate << ")";
      }
    }
  }
}

// The symbolic rule of every row of kernels/functions.hpp against the tape's adjoint.
TEST(Differentiate, RulesOfFunctionsAgreeWithTheirAdjoints) {
  const double point[] = {0.375, 0.6875, 0.25};
  for (int number = 0; number < function_count; ++number) {
    const FunctionInfo& row = function_table[static_cast<std::size_t>(number)];
    ExpressionGraph graph;
    NodeId operands[] = {graph.coordinate(0), graph.coordinate(1), graph.coordinate(2)};
    for (int k = row.operands; k < 3; ++k) operands[k] = -1;
    const NodeId call = graph.call(row.name, operands[0], operands[1], operands[2]);
    for (int k = 0; k < row.operands; ++k) {
      const double slope = function_slope(number, k, point[0], point[1], point[2]);
      EXPECT_NEAR(evaluate(graph, differentiate(graph, call, k), point), slope,
                  10 * std::numeric_limits<double>::epsilon() * (1 + std::abs(slope)))
          << row.name << " by operand " << k;
    }
  }
}

TEST(Differentiate, PowersWithConstantExponentNeedNoLogarithm) {
  ExpressionGraph graph;
  const NodeId f = parse_expression(graph, symbols(), "d(x^3, x, x)");
  const double point[] = {0, -2, 0};
  EXPECT_EQ(evaluate(graph, f, point), -12);
}

TEST(Differentiate, DerivativesOfFieldsCommute) {
  ExpressionGraph graph;
  const SymbolTable table = symbols();
  EXPECT_EQ(parse_expression(graph, table, "d(u, x, t, y)"), parse_expression(graph, table, "d(u, y, x, t)"));
  EXPECT_EQ(parse_expression(graph, table, "d(u*v, x)"), parse_expression(graph, table, "u_x*v + u*v_x"));
  EXPECT_EQ(parse_expression(graph, table, "d(x*u, x, x)"), parse_expression(graph, table, "2*u_x + x*u_xx"));
}

TEST(Differentiate, OrderIsBounded) {
  Derivative derivative;
  for (int k = 0; k < max_order; ++k) derivative = derivative.along(max_order - 1 - k);
  EXPECT_EQ(derivative.order, max_order);
  for (int k = 0; k < max_order; ++k) EXPECT_EQ(derivative.by[k], k);
  EXPECT_THROW(derivative.along(0), Error);
}

// A condition of where() is not differentiated: no derivative beyond the limit is asked of it.
TEST(Differentiate, ConditionsAreLeftAlone) {
  ExpressionGraph graph;
  EXPECT_NO_THROW(parse_expression(graph, symbols(), "d(where(u_xxxx > 0, u, v), x)"));
}

TEST(Differentiate, SubstitutionDifferentiatesThroughOutputTransforms) {
  ExpressionGraph graph;
  const SymbolTable table = symbols();
  const NodeId residual = parse_expression(graph, table, "u_t - u_xx*v + sin(u)");
  const NodeId hard = parse_expression(graph, table, "x*(1 - x)*u + t");
  const NodeId same = parse_expression(graph, table, "v");
  EXPECT_EQ(substitute_fields(graph, residual, {hard, same}),
            parse_expression(graph, table, "d(x*(1 - x)*u + t, t) - d(x*(1 - x)*u + t, x, x)*v + sin(x*(1 - x)*u + t)"));
}
