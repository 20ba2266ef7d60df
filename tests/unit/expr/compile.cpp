#include "jetpinn/expr/compile.hpp"

#include "jetpinn/expr/parser.hpp"
#include "jetpinn/kernels/tape.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

using namespace jetpinn;

namespace {

SymbolTable compiled_symbols() {
  SymbolTable table;
  table.coordinates = {"x", "y"};
  return table;
}

int coordinate_column(const Node& leaf) { return leaf.index; }

template <class T>
void compare_with_evaluate(const std::string& text, std::int64_t points) {
  ExpressionGraph graph;
  const NodeId node = parse_expression(graph, compiled_symbols(), text);
  const TapeProgram program = compile_tape(graph, {node}, 2, coordinate_column);
  std::mt19937 random(1);
  std::uniform_real_distribution<double> uniform(0.05, 0.95);
  std::vector<T> x(static_cast<std::size_t>(points)), y(x), out(x.size() + 1, T(-77));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(uniform(random)), y[i] = static_cast<T>(uniform(random));
  const Column<const T> inputs[] = {{x.data(), 1}, {y.data(), 1}};
  const Column<T> outputs[] = {{out.data(), 1}};
  tape_forward<T>({}, program, points, inputs, outputs);
  EXPECT_EQ(out.back(), T(-77));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double point[] = {static_cast<double>(x[i]), static_cast<double>(y[i])};
    const double exact = evaluate(graph, node, point);
    // A few operations of a few epsilon each, with condition numbers below 10 on this range.
    const double tolerance = 100 * static_cast<double>(std::numeric_limits<T>::epsilon()) * (1 + std::abs(exact));
    ASSERT_NEAR(static_cast<double>(out[i]), exact, tolerance) << text << " at " << point[0] << ", " << point[1];
  }
}

}  // namespace

TEST(Compile, TapeAgreesWithEvaluate) {
  const char* texts[] = {"x + y",
                         "x - y*3",
                         "-x",
                         "x/y",
                         "x^2",
                         "x^3",
                         "x^-3",
                         "x^7",
                         "x^0.5",
                         "x^2.5",
                         "x^y",
                         "sin(7*x)",
                         "cos(9*y)",
                         "tan(x)",
                         "asin(x)",
                         "acos(y)",
                         "atan(x*3)",
                         "atan2(x - 0.5, y)",
                         "sinh(x)",
                         "cosh(y)",
                         "tanh(3*x - 1)",
                         "exp(-3*x)",
                         "log(x)",
                         "sqrt(x*y)",
                         "abs(x - 0.5)",
                         "sign(x - 0.5)",
                         "erf(x*2)",
                         "min(x, y)",
                         "max(x, y)",
                         "step(x - y)",
                         "where(x < y, x, -y)",
                         "(x <= y) + (x == y) + (x != y)",
                         "(x < 0.5 && y < 0.5) - (x > 0.7 || y > 0.7)",
                         "!(x > 0.5)",
                         "sin(pi*x)*exp(-y) - 2*sin(pi*x)",
                         "3",
                         "mod(7*x, 0.61) + 0*x"};
  for (const char* text : texts) {
    for (std::int64_t points : {1, 63, 597}) compare_with_evaluate<double>(text, points);
  }
  for (const char* text : texts) {  // fp32 where no jump separates the two precisions
    if (std::string(text).find("mod") == std::string::npos) compare_with_evaluate<float>(text, 597);
  }
}

TEST(Compile, DeadCodeIsLeftOutAndSharingKept) {
  ExpressionGraph graph;
  parse_expression(graph, compiled_symbols(), "exp(x) + tan(y)");  // stays in the graph, not in the tape
  const NodeId f = parse_expression(graph, compiled_symbols(), "sin(x*y) + cos(x*y)");
  const NodeId g = parse_expression(graph, compiled_symbols(), "sin(x*y) - x");
  const TapeProgram program = compile_tape(graph, {f, g, f}, 2, coordinate_column);
  EXPECT_EQ(program.instructions.size(), 7u);  // x, y, x*y, sin, cos, +, -
  ASSERT_EQ(program.outputs.size(), 3u);
  EXPECT_EQ(program.outputs[0], program.outputs[2]);
}

// x - y as an output beside -y: the negation is there because it is asked for, the difference does not use it.
TEST(Compile, SubtractionsNeedNoNegation) {
  ExpressionGraph graph;
  const TapeProgram one = compile_tape(graph, {parse_expression(graph, compiled_symbols(), "x - y")}, 2, coordinate_column);
  EXPECT_EQ(one.instructions.size(), 3u);
  const TapeProgram other =
      compile_tape(graph, {parse_expression(graph, compiled_symbols(), "y - x")}, 2, coordinate_column);
  EXPECT_EQ(other.instructions.size(), 3u);
}
