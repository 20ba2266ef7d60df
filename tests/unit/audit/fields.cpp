#include "support/audit_case.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::AuditCase;
using testing::term;

AuditCase heat_beside_w(const std::string& equation) {
  AuditCase heat(
      {term("heat", equation), term("start", "u - sin(pi*x)", "t == 0"), term("walls", "u", "x == -1 || x == 1")});
  heat.problem.fields = {"u", "w"};
  return heat;
}

TEST(AuditFields, AFieldInNoResidualIsAnything) {
  EXPECT_NE(heat_beside_w("u_t - u_xx").sentence("field").find("the field 'w' (problem.fields) stands in no residual"),
            std::string::npos);
  EXPECT_TRUE(heat_beside_w("u_t - u_xx - w").of_kind("field").empty());
}

TEST(AuditFields, AnOutputTransformReadsItToo) {
  AuditCase heat = heat_beside_w("u_t - u_xx");
  heat.output("u", "u + t*w");
  EXPECT_TRUE(heat.of_kind("field").empty());
}

}  // namespace
}  // namespace jetpinn
