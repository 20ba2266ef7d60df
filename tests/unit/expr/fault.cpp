#include "jetpinn/expr/fault.hpp"

#include "jetpinn/expr/parser.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <random>

namespace jetpinn {
namespace {

// Fields u and v of coordinates t and x, with the values of one point.
class FaultTest : public ::testing::Test {
 protected:
  FaultTest() {
    table_.coordinates = {"t", "x"};
    table_.fields = {"u", "v"};
  }

  NodeId parse(const std::string& text) { return parse_expression(graph_, table_, text); }
  LeafValue values() {
    return [this](const Node& leaf) {
      if (leaf.op == Op::coordinate) return leaf.index == 0 ? t_ : x_;
      return leaf.derivative.order > 0 ? slope_ : leaf.index == 0 ? u_ : v_;
    };
  }
  std::string says(const std::string& text, bool fp32 = false) {
    const auto fault = find_fault(graph_, parse(text), values(), fp32);
    return fault ? explain(graph_, *fault, table_.coordinates, table_.fields).says : "";
  }
  std::string slope_says(const std::string& text) {
    const auto fault = find_slope_fault(graph_, parse(text), values());
    return fault ? explain(graph_, *fault, table_.coordinates, table_.fields).says : "";
  }

  SymbolTable table_;
  ExpressionGraph graph_;
  double t_ = 0, x_ = 0.5, u_ = -0.02, v_ = 2, slope_ = 3;
};

TEST_F(FaultTest, NamesTheOperationAndItsArguments) {
  EXPECT_EQ(says("u_t + 2*v*u^3.5 - v"), "u^3.5 is not a number: u = -0.02");
  EXPECT_EQ(says("1 + sqrt(u*v)*x"), "sqrt(u*v) is not a number: u*v = -0.04");
  EXPECT_EQ(says("log(x - 1)"), "log(x - 1) is not a number: x - 1 = -0.5");
  EXPECT_EQ(says("log(t)*u"), "log(t) is infinite: t = 0");
  EXPECT_EQ(says("u_x/t + v"), "u_x/t divides by zero: t = 0");
  EXPECT_EQ(says("t^-2*u"), "t^(-2) divides by zero: t = 0");
  EXPECT_EQ(says("t/t*v"), "t/t divides by zero: t = 0");
  EXPECT_EQ(says("u + asin(v)"), "asin(v) is not a number: v = 2");
  EXPECT_EQ(says("u + acos(-v)"), "acos(-v) is not a number: -v = -2");
  EXPECT_EQ(says("exp(1000*v)*x"), "exp(1000*v) overflows, beyond 1.8e308: 1000*v = 2000");
  EXPECT_EQ(says("mod(u, t)"), "mod(u, t) divides by zero: t = 0");
  EXPECT_EQ(says("(u - v)^v + u^x"), "u^x is not a number: u = -0.02, x = 0.5");
}

TEST_F(FaultTest, SaysNothingWhereTheValueIsFinite) {
  for (const char* text :
       {"u + v", "where(x > 1, log(u), v)", "where(x < 1, v, 1/t)", "1/(1 + exp(2000*x))", "tanh(1/t)", "min(v, 1/t)"})
    EXPECT_EQ(says(text), "") << text;
}

// The branch that is taken is looked into, the other one is not.
TEST_F(FaultTest, FollowsTheBranchThatIsTaken) {
  EXPECT_EQ(says("where(x > 1, sqrt(u), log(u))"), "log(u) is not a number: u = -0.02");
  EXPECT_EQ(says("where(x < 1, sqrt(u), log(u))"), "sqrt(u) is not a number: u = -0.02");
}

TEST_F(FaultTest, NamesALeafThatIsNotFinite) {
  u_ = std::numeric_limits<double>::quiet_NaN();
  const NodeId root = parse("v*exp(u + 1)");
  const auto fault = find_fault(graph_, root, values());
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->kind, Fault::leaf);
  EXPECT_EQ(graph_[fault->node].op, Op::field);
}

TEST_F(FaultTest, KnowsTheLimitsOfFp32) {
  EXPECT_EQ(says("1e-30*exp(50*v)"), "");
  EXPECT_EQ(says("1e-30*exp(50*v)", true), "exp(50*v) overflows in fp32, whose largest number is 3.4e38: 50*v = 100");
  EXPECT_EQ(says("1e300*v", true), "1e+300 is not finite in fp32, whose largest number is 3.4e38");
  EXPECT_EQ(says("sqrt(u)", true), "sqrt(u) is not a number: u = -0.02");
  EXPECT_EQ(says("1/(1e-50*v)", true).find("1/v"), std::string::npos);
}

TEST_F(FaultTest, NamesADerivativeThatIsNotFinite) {
  u_ = 0;
  EXPECT_EQ(slope_says("1 + sqrt(u*v)"), "the derivative of sqrt(u*v) is not finite: u*v = 0");
  EXPECT_EQ(slope_says("u^0.4 + v"), "the derivative of u^0.4 is not finite: u = 0");
  EXPECT_EQ(slope_says("v + asin(1 + u)"), "the derivative of asin(1 + u) is not finite: 1 + u = 1");
  EXPECT_EQ(slope_says("where(v > 3, sqrt(u - 1), 0)*v"), "the derivative of sqrt(u - 1) is not finite: u - 1 = -1");
  EXPECT_EQ(slope_says("sqrt(t) + v^2 + u^2"), "") << "t is no field";
}

TEST_F(FaultTest, ShortensWhatIsLong) {
  std::string sum = "v";
  for (int k = 2; k < 40; ++k) sum += " + sin(" + std::to_string(k) + "*v)";
  EXPECT_EQ(says("(" + sum + ")/t"), "the division by t divides by zero: t = 0");
  const std::string root = says("sqrt(-100 + " + sum + ")");
  EXPECT_LT(root.size(), 2 * short_text_size + 100);
  EXPECT_NE(root.find("... is not a number: "), std::string::npos) << root;
}

// A part that has no value is put into random surroundings that have one: that part and no other is named.
TEST_F(FaultTest, FindsThePlantedPart) {
  const std::map<std::string, std::string> planted = {
      {"u^3.5", "u^3.5 is not a number"},           {"sqrt(u)", "sqrt(u) is not a number"},
      {"log(u - v)", "log(u - v) is not a number"}, {"v/t", "v/t divides by zero"},
      {"u_x/sin(t)", "u_x/sin(t) divides by zero"}, {"acos(3*v)", "acos(3*v) is not a number"},
      {"exp(400*v)", "exp(400*v) overflows"},       {"(x - 1)^0.3", "(x - 1)^0.3 is not a number"}};
  const std::vector<std::string> sound = {"u", "v", "x", "u_x", "sin(v)", "0.7", "(1 + x^2)", "tanh(u_t)", "(u - 2*v_x)"};
  std::mt19937 random(1);
  const auto any = [&](const auto& items) { return items[random() % items.size()]; };
  for (int round = 0; round < 400; ++round) {
    auto part = planted.begin();
    std::advance(part, static_cast<long>(random() % planted.size()));
    std::string text = part->first;
    for (int depth = static_cast<int>(random() % 6); depth > 0; --depth) {
      switch (random() % 7) {
        case 0: text = any(sound) + " + (" + text + ")"; break;
        case 1: text = "(" + text + ") - " + any(sound); break;
        case 2: text = any(sound) + "*(" + text + ")"; break;
        case 3: text = "(" + text + ")/(2 + " + any(sound) + "^2)"; break;
        case 4: text = "where(x < 1, " + text + ", sqrt(-v) + " + any(sound) + ")"; break;
        case 5: text = "where(v > 3, 1/t, " + text + ")"; break;
        default: text = "abs(" + text + ")"; break;
      }
    }
    EXPECT_EQ(says(text).find(part->second), 0u) << text << "\n" << says(text);
  }
}

}  // namespace
}  // namespace jetpinn
