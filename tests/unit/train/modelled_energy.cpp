#include "jetpinn/train/modelled_energy.hpp"

#include "jetpinn/train/assembly.hpp"
#include "support/problem_text.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

EngineWork work_of(double flop, double bytes) {
  EngineWork work;
  work.product = {flop, bytes};
  work.tape = {flop / 2, 0};
  return work;
}

TEST(ModelledEnergy, IsOfFlopBytesAndTime) {
  EnergyConstants constants;
  constants.joules_per_flop_fp64 = 3, constants.joules_per_flop_fp32 = 2, constants.joules_per_byte = 5;
  constants.watts_per_rank = 7;
  EXPECT_EQ(modelled_joules(work_of(10, 4), Precision::fp64, 2, constants), 3 * 15 + 5 * 4 + 7 * 2);
  EXPECT_EQ(modelled_joules(work_of(10, 4), Precision::fp32, 0, constants), 2 * 15 + 5 * 4);
}

TEST(ModelledEnergy, TimeCountsAndEarlierContinuationsAreAdded) {
  const Assembly assembly = assemble(testing::heat_problem(), {}, {}, 0, 1);
  const auto engine = make_engine({}, assembly.network, assembly.terms);
  ModelledEnergy energy;
  const double first = energy.gather(test::world(), *engine), second = energy.gather(test::world(), *engine);
  EXPECT_GE(second, first);
  energy.go_on();
  EXPECT_GE(energy.gather(test::world(), *engine), 2 * second * (1 - 1e-12));
}

}  // namespace
}  // namespace jetpinn
