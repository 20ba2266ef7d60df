#include "jetpinn/expr/trained_number.hpp"

#include "jetpinn/expr/fault.hpp"
#include "jetpinn/expr/parser.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

// Every kind of bounds.
std::vector<TrainedNumber> kinds() {
  return {{"free", 0.1, {}, {}}, {"above", 0.1, -2, {}}, {"below", 0.1, {}, 3}, {"between", 0.1, 1e-4, 5}};
}

double value_of_node(const TrainedNumber& number, double theta) {
  ExpressionGraph graph;
  const NodeId value = number.node(graph, 2);
  return evaluate(graph, value, [&](const Node& leaf) {
    EXPECT_EQ(leaf.op, Op::trainable);
    EXPECT_EQ(leaf.index, 2);
    return theta;
  });
}

TEST(TrainedNumber, BeginsWithItsStart) {
  for (const TrainedNumber& number : kinds())
    EXPECT_NEAR(number.value(number.theta(number.start)), number.start, 40 * epsilon) << number.name;  // of the bounds' size
}

TEST(TrainedNumber, ExpressionsSeeItsValue) {
  for (const TrainedNumber& number : kinds())
    for (const double theta : {-40.0, -3.0, 0.0, 0.5, 29.0, 35.0}) {
      const double value = number.value(theta);
      EXPECT_NEAR(value_of_node(number, theta), value, 4 * epsilon * std::abs(value)) << number.name << " at " << theta;
    }
}

TEST(TrainedNumber, StaysBetweenItsBounds) {
  for (const TrainedNumber& number : kinds())
    for (const double theta : {-1e3, -30.0, 30.0, 600.0}) {
      const double value = number.value(theta);
      EXPECT_TRUE(std::isfinite(value_of_node(number, theta)) || !number.lower || !number.upper) << number.name;
      EXPECT_GE(value, number.lower.value_or(value)) << number.name;
      EXPECT_LE(value, number.upper.value_or(value)) << number.name;
    }
}

// Small values keep their digits: a bound a thousandth below the start is no matter of rounding of the range.
TEST(TrainedNumber, KeepsTheDigitsOfSmallValues) {
  const TrainedNumber number{"nu", 1e-9, 0, 1};
  EXPECT_NEAR(number.value(number.theta(1e-9)) / 1e-9, 1, 100 * epsilon);  // the logarithm of 1e-9 is 21
}

// Central differences: truncation h^2, rounding epsilon / h.
TEST(TrainedNumber, SlopeIsThatOfTheValue) {
  const double h = 1e-5;
  for (const TrainedNumber& number : kinds())
    for (const double theta : {-3.0, -0.2, 0.0, 1.5}) {
      const double slope = (number.value(theta + h) - number.value(theta - h)) / (2 * h);
      EXPECT_NEAR(number.slope(theta), slope, 1e-9) << number.name << " at " << theta;
      EXPECT_GT(number.slope(theta), 0);
    }
}

TEST(TrainedNumber, BoundsAreOutside) {
  const TrainedNumber number{"k", 0.1, 0, 1};
  EXPECT_TRUE(number.contains(0.5));
  for (const double value : {0.0, 1.0, -0.1, 1.1, std::numeric_limits<double>::infinity()})
    EXPECT_FALSE(number.contains(value)) << value;
}

TEST(TrainedNumber, TextsShowItsName) {
  for (const TrainedNumber& number : kinds()) {
    ExpressionGraph graph;
    SymbolTable symbols;
    symbols.coordinates = {"x"};
    symbols.fields = {"u"};
    symbols.trained["k"] = number.node(graph, 0);
    graph.name_trainable(0, "k", symbols.trained["k"], number.theta(0.1));
    EXPECT_EQ(to_text(graph, parse_expression(graph, symbols, "u_x + k*u"), symbols.coordinates, symbols.fields),
              "u_x + k*u")
        << number.name;
    EXPECT_EQ(graph.trainable_starts(), std::vector<double>{number.theta(0.1)});
  }
}

}  // namespace
}  // namespace jetpinn
