#include "support/audit_case.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(AuditGate, OneThatNoStageTrainsWith) {
  testing::AuditCase gated({testing::term("flow", "u_t"), testing::term("start", "u", "t == 0")});
  gated.training.gate.target = 0.1;
  EXPECT_TRUE(gated.silent());
  gated.training.stages[0].optimizer.kind = "lbfgs";
  EXPECT_NE(gated.sentence("gate").find("gate.target is 0.1, and no stage has a gate"), std::string::npos);
  gated.training.gate.target = 1;
  EXPECT_TRUE(gated.silent());
}

}  // namespace
}  // namespace jetpinn
