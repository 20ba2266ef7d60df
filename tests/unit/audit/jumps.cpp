#include "support/audit_case.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::AuditCase;
using testing::term;

AuditCase of_equation(const std::string& residual) {
  return AuditCase({term("heat", residual), term("start", "u", "t == 0")});
}

TEST(AuditJumps, TheFluxThroughAnInterface) {
  const std::string sentence = of_equation("u_t - d(where(x < 0.25, 1, 40)*u_x, x)").sentence("jump");
  EXPECT_NE(sentence.find("'heat' (problem.equations.0) differentiates"), std::string::npos) << sentence;
  EXPECT_NE(sentence.find("x = 0.25"), std::string::npos) << sentence;
}

TEST(AuditJumps, EveryFunctionThatJumps) {
  for (const char* residual : {"u_t - d(step(x)*u, x)", "u_t - d(sign(x)*u, x)", "u_t - d((1 + 3*(x < 0.5))*u_x, x)",
                               "u_t - d(mod(x, 0.5)*u_x, x)", "u_t - d(where(u > 0, 1, 2)*u_x, x)"})
    EXPECT_EQ(of_equation(residual).warnings("jump").size(), 1u) << residual;
}

TEST(AuditJumps, WhatIsContinuousLosesNothing) {
  for (const char* residual : {"u_t - d(abs(x)*u_x, x)", "u_t - d(max(x, 0.1)*u_x, x)",
                               "u_t - d(where(x < 0.5, 2*x, 1)*u_x, x)", "u_t - d(where(u > 0, u, 0.1*u), x)",
                               "u_t - d(sin(4*pi*mod(x, 0.5))*u_x, x)", "u_t - d(where(x < 5, 1, 40)*u_x, x)"})
    EXPECT_TRUE(of_equation(residual).silent()) << residual;
}

TEST(AuditJumps, WithoutADerivativeAcrossItAJumpIsFine) {
  EXPECT_TRUE(of_equation("u_t - where(x < 0.25, 1, 40)*u_xx").silent());
  EXPECT_TRUE(of_equation("d(where(x < 0.25, 1, 40)*u, t) - u_xx").silent());   // along the interface
  AuditCase exact = of_equation("u_t - u_xx");
  exact.problem.reference.exact["u"] = testing::source("where(x < 0, 1, 0)");
  EXPECT_TRUE(exact.silent());
}

TEST(AuditJumps, OfAnOutputTransformToo) {
  AuditCase held = of_equation("u_t - u_xx");
  held.output("u", "t*where(x < 0, 1, 2)*u");
  EXPECT_FALSE(held.warnings("jump").empty());
}

}  // namespace
}  // namespace jetpinn
