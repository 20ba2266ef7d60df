#include "jetpinn/sampling/sampling_options.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(SamplingOptions, AStageChangesWhatItNames) {
  SamplingOptions sampling;
  sampling.points = {{"heat", 500}, {"walls", 40}};
  sampling.resample_every = 10;
  sampling.stages.resize(3);
  sampling.stages[1].points = {{"heat", 900}};
  sampling.stages[2].method = SamplingMethod::lhs;
  sampling.stages[2].resample_every = 0;
  EXPECT_EQ(choice_of(sampling, 0), static_cast<const PointChoice&>(sampling));
  EXPECT_EQ(choice_of(sampling, 1).points, (PointCounts{{"heat", 900}, {"walls", 40}}));
  EXPECT_EQ(choice_of(sampling, 1).resample_every, 10);
  EXPECT_EQ(choice_of(sampling, 2).method, SamplingMethod::lhs);
  EXPECT_EQ(choice_of(sampling, 2).resample_every, 0);
  EXPECT_EQ(choice_of(sampling, 7), choice_of(sampling, 0)) << "no stage of the run";
  EXPECT_EQ(changes_text(sampling, 0), "");
  EXPECT_EQ(changes_text(sampling, 1), "points heat 900");
  EXPECT_EQ(changes_text(sampling, 2), "method lhs, resample_every 0");
}

}  // namespace
}  // namespace jetpinn
