#include "support/audit_case.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::AuditCase;
using testing::term;

TEST(AuditPrecision, OfNarrowNetworks) {
  AuditCase heat({term("heat", "u_t - u_xx"), term("start", "u - x", "t == 0")});
  EXPECT_TRUE(heat.silent());
  heat.training.precision = Precision::bf16;
  EXPECT_NE(heat.sentence("precision").find("no matrix wider than 8"), std::string::npos) << heat.sentence("precision");
  heat.network.hidden = {128, 128};
  EXPECT_TRUE(heat.silent());
  heat.network.hidden = {256};
  EXPECT_NE(heat.sentence("precision").find("no whole matrix"), std::string::npos) << heat.sentence("precision");
  heat.training.stages[0].optimizer.kind = "lbfgs";  // in fp64
  EXPECT_TRUE(heat.silent());
}

}  // namespace
}  // namespace jetpinn
