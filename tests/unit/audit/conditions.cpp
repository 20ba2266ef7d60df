#include "support/audit_case.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::AuditCase;
using testing::term;

TEST(AuditConditions, AnEquationAloneHasManySolutions) {
  EXPECT_NE(AuditCase({term("wave", "u_tt - u_xx")}).sentence("conditions").find("there are no conditions"),
            std::string::npos);
}

TEST(AuditConditions, OneIsEnoughForSilence) {
  EXPECT_TRUE(AuditCase({term("flow", "u_t"), term("start", "u", "t == 0")}).silent());
}

TEST(AuditConditions, ATransformOfThePlaceHoldsTheField) {
  AuditCase held({term("flow", "u_t - u")});
  held.output("u", "1 + t*u");
  EXPECT_TRUE(held.silent());
  AuditCase scaled({term("flow", "u_t - u")});
  scaled.output("u", "2*u");
  EXPECT_EQ(scaled.warnings("conditions").size(), 1u);
}

TEST(AuditConditions, WithoutDerivativesNoneIsNeeded) { EXPECT_TRUE(AuditCase({term("fit", "u - sin(pi*x)*t")}).silent()); }

TEST(AuditConditions, APeriodicBoxHasNoBorder) {
  AuditCase box({term("helmholtz", "u_tt + u_xx - u - cos(pi*x)*cos(2*pi*t)")});
  box.network.periodic = {"t", "x"};
  EXPECT_TRUE(box.silent());
  box.network.periodic = {"x"};
  EXPECT_EQ(box.warnings("conditions").size(), 1u);
}

TEST(AuditConditions, AParameterHasNoBorder) {
  AuditCase box({term("helmholtz", "u_tt + u_xx - k*u - cos(pi*x)*cos(2*pi*t)")});
  box.problem.parameters["k"] = {testing::source("1"), testing::source("2")};
  box.network.periodic = {"t", "x"};
  EXPECT_TRUE(box.silent());
}

}  // namespace
}  // namespace jetpinn
