#include "support/audit_case.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(AuditStopping, AnErrorWithoutAReference) {
  testing::AuditCase heat({testing::term("flow", "u_t"), testing::term("start", "u", "t == 0")});
  EXPECT_TRUE(heat.silent());
  heat.training.stop.error = 1e-3;
  EXPECT_NE(heat.sentence("stop").find("training.stop.error is 0.001, and there is no reference"), std::string::npos);
  heat.reference.ranges = {{0, 0, 1}};
  EXPECT_TRUE(heat.of_kind("stop").empty());
}

}  // namespace
}  // namespace jetpinn
