#include "support/audit_case.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::AuditCase;
using testing::source;
using testing::term;

AuditCase trained_heat_of(const std::string& equation) {
  AuditCase heat(
      {term("heat", equation), term("start", "u - sin(pi*x)", "t == 0"), term("walls", "u", "x == -1 || x == 1")});
  heat.problem.trained["k"] = {source("0.1"), {}, {}, 0};
  return heat;
}

TEST(AuditTrained, ANumberInNoResidualStaysWhatItIs) {
  EXPECT_NE(trained_heat_of("u_t - u_xx").sentence("trained").find("'k' (problem.trainable.k) stands in no residual"),
            std::string::npos);
  EXPECT_TRUE(trained_heat_of("u_t - k*u_xx").silent());
}

TEST(AuditTrained, AnyStageMayReadIt) {
  AuditCase heat = trained_heat_of("u_t - (1 + a*k)*u_xx");
  heat.problem.constants["a"] = source("0");
  EXPECT_FALSE(heat.of_kind("trained").empty());
  heat.problem.stage_constants = {{{"a", source("1")}}};
  EXPECT_TRUE(heat.of_kind("trained").empty());
}

TEST(AuditTrained, AnOutputTransformReadsItToo) {
  AuditCase heat = trained_heat_of("u_t - u_xx");
  heat.output("u", "k + u");
  EXPECT_TRUE(heat.of_kind("trained").empty());
}

}  // namespace
}  // namespace jetpinn
