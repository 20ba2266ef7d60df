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

TEST(AuditPeriodic, ATransformMayTakeThePeriodAway) {
  AuditCase linear = periodic("u_t + u_x", "u - x");
  linear.output("u", "x + u");
  EXPECT_TRUE(linear.silent());
}

}  // namespace
}  // namespace jetpinn
