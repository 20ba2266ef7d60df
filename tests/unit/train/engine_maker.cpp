#include "jetpinn/train/engine_maker.hpp"

#include "support/small_assembly.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

// What a checkpoint holds is not measured again, whatever a measurement would say.
TEST(EngineMaker, KeepsARestoredChoice) {
  const Assembly problem = test::small_assembly(300, 50);
  const TrainingOptions training;
  for (const std::string backend : {"libxsmm", "libtorch"}) {
    const std::string choice = "fp64 accumulate 6x8 " + backend + ", fp64 multiply 6x8 " + backend;
    EngineMaker maker(test::world(), training);
    restore(maker.state(), {{"fp64", choice},
                            {"fp64_rate", std::vector<double>{7e9}},
                            {"fp32", std::string()},
                            {"fp32_rate", std::vector<double>{0}}});
    EXPECT_EQ(maker.make_aside(Precision::fp64, problem.network, problem.terms)->backend(), choice);
    const auto engine = maker.make(Precision::fp64, problem.network, problem.terms);
    EXPECT_EQ(engine->backend(), choice);
    EXPECT_EQ(engine->product_rate(), 7e9);
    EXPECT_EQ(std::get<std::string>(capture(maker.state()).at("fp64")), choice);
  }
}

TEST(EngineMaker, RemembersWhatItMeasured) {
  const Assembly problem = test::small_assembly(300, 50);
  const TrainingOptions training;
  EngineMaker maker(test::world(), training);
  maker.make_aside(Precision::fp64, problem.network, problem.terms);
  EXPECT_EQ(std::get<std::string>(capture(maker.state()).at("fp64")), "");
  const auto engine = maker.make(Precision::fp64, problem.network, problem.terms);
  EXPECT_EQ(std::get<std::string>(capture(maker.state()).at("fp64")), engine->backend());
}

}  // namespace
}  // namespace jetpinn
