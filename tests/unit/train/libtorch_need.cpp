#include "jetpinn/train/libtorch_need.hpp"

#include "jetpinn/runtime/libtorch.hpp"
#include "support/assembly_case.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

using testing::shared_assembly;

// The first stage asks for nothing: what the second one does counts.
TEST(LibtorchNeed, AnyStageCounts) {
  const Assembly assembly = shared_assembly(2);
  TrainingOptions training;
  training.stages.resize(2);
  for (StageOptions& stage : training.stages) stage.steps = 5;
  EXPECT_EQ(libtorch_purpose(assembly, training, 0), "");
  training.stages[1].optimizer.kind = "ngd";
  EXPECT_EQ(libtorch_purpose(assembly, training, 0), libtorch_purposes::solve);
  EXPECT_EQ(libtorch_purpose(assembly, training, 1), "") << "rank 0 solves for all";
  training.stages[1].optimizer.kind = "soap";
  EXPECT_EQ(libtorch_purpose(assembly, training, 0), libtorch_purposes::basis);
  training.stages[1].steps = 0;
  EXPECT_EQ(libtorch_purpose(assembly, training, 0), "") << "a stage that is skipped";
  training.engine = EngineKind::reference;
  EXPECT_EQ(libtorch_purpose(assembly, training, 1), libtorch_purposes::reference);
}

// Only a measurement of back ends tells whether a wide product asks, and a run that goes on makes none.
TEST(LibtorchNeed, WideProductsMayAsk) {
  NetworkOptions network;
  network.hidden = {16, 136};
  const Assembly wide = assemble(testing::problem_of({testing::term("heat", "u_t - u_xx")}), network, {}, 3, 2);
  TrainingOptions training;
  EXPECT_EQ(libtorch_purpose(wide, training, 0), "");
  EXPECT_TRUE(may_load_libtorch(wide, training, 1));
  EXPECT_FALSE(may_load_libtorch(shared_assembly(2), training, 1));
  training.reproducibility = Reproducibility::ranks;
  EXPECT_FALSE(may_load_libtorch(wide, training, 0)) << "nothing is measured";
}

}  // namespace
}  // namespace jetpinn
