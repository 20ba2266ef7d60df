// Ranks that measure their products together compute with the same ones.
#include "jetpinn/train/engine_maker.hpp"

#include "support/engine_case.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace jetpinn {
namespace {

using test::world;

// Two measurements hardly ever come to the same double: equal rates on all ranks are those of one rank.
TEST(EngineMaker, EveryRankTakesWhatTheFirstOneMeasured) {
  test::CaseText text;
  text.terms = {{"u_t + u*u_x - 0.01*u_xx"}};
  text.network.hidden = {9, 8};
  const test::EngineCase problem = test::make_case(text);
  const TrainingOptions training;
  EngineMaker maker(world(), training);
  for (const Precision precision : {Precision::fp64, Precision::fp32}) {
    const auto engine = maker.make(precision, problem.network, problem.terms);
    const std::vector<double> rates = world().gather("test", engine->product_rate());
    EXPECT_GT(rates[0], 0);
    EXPECT_EQ(rates, std::vector<double>(rates.size(), rates[0]));
    for (const std::string& backend : world().gather("test", engine->backend())) EXPECT_EQ(backend, engine->backend());
  }
}

}  // namespace
}  // namespace jetpinn
