#include "support/audit_case.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::AuditCase;
using testing::term;

AuditCase periodic(const std::string& equation, const std::string& start) {
  AuditCase result({term("flow", equation), term("start", start, "t == 0")});
  result.network.periodic = {"x"};
  return result;
}

TEST(AuditPeriodic, DataThatDoNotReturn) {
  const std::string sentence = periodic("u_t + u_x", "u - x").sentence("periodic");
  EXPECT_NE(sentence.find("'start' (problem.conditions.0) is not periodic in x"), std::string::npos) << sentence;
  EXPECT_NE(sentence.find("x = 1"), std::string::npos) << sentence;
  EXPECT_NE(periodic("u_t + x*u_x", "u - cos(pi*x)").sentence("periodic").find("'flow' (problem.equations.0)"),
            std::string::npos);
}

TEST(AuditPeriodic, DataThatReturnAreSilent) {
  EXPECT_TRUE(periodic("u_t + u_x", "u - sin(pi*x)").silent());
  EXPECT_TRUE(periodic("u_t + (2 + x^2)*u_x", "u - x^2").silent());
  EXPECT_TRUE(periodic("u_t + u_x", "u - mod(x, 2)").silent());   // its jump lies on the border
  AuditCase plain({term("flow", "u_t + u_x"), term("start", "u - x", "t == 0")});
  EXPECT_TRUE(plain.silent());
}

TEST(AuditPeriodic, AConditionThatLinksBothEndsSaysNothing) {
  AuditCase circle({term("flow", "u_t + u_x"), term("start", "u", "t == 0"), term("wrap", "u - other(u)", "x == -1")});
  circle.problem.terms[2].pair = testing::source("x == 1");
  EXPECT_TRUE(circle.silent());
  circle.network.periodic = {"x"};
  EXPECT_NE(circle.sentence("periodic").find("'wrap' (problem.conditions.1) links both ends of x"), std::string::npos);
  circle.problem.terms[2].pair = testing::source("x == 0.5");
  EXPECT_TRUE(circle.silent());
  // A pair in time of a network that is periodic in x: both places share x, so a coefficient of x must return.
  circle.problem.terms[2] = term("wrap", "u - other(u*x)", "t == 0");
  circle.problem.terms[2].pair = testing::source("t == 1");
  EXPECT_NE(circle.sentence("periodic").find("'wrap' (problem.conditions.1) is not periodic in x"), std::string::npos);
}

TEST(AuditPeriodic, ATransformMayTakeThePeriodAway) {
  AuditCase linear = periodic("u_t + u_x", "u - x");
  linear.output("u", "x + u");
  EXPECT_TRUE(linear.silent());
}

}  // namespace
}  // namespace jetpinn
