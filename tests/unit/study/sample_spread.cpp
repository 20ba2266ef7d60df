#include "jetpinn/study/sample_spread.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

TEST(SampleSpread, OfKnownSamples) {
  const SampleSpread spread = spread_of({9, 1, 3, 7, 5});
  EXPECT_EQ(spread.samples, 5);
  EXPECT_DOUBLE_EQ(spread.min, 1);
  EXPECT_DOUBLE_EQ(spread.lower, 3);
  EXPECT_DOUBLE_EQ(spread.median, 5);
  EXPECT_DOUBLE_EQ(spread.upper, 7);
  EXPECT_DOUBLE_EQ(spread.max, 9);
  EXPECT_DOUBLE_EQ(spread.noise(), 0.4);
}

TEST(SampleSpread, QuartilesLieBetweenSamples) {
  const SampleSpread spread = spread_of({4, 1, 2, 3});
  EXPECT_DOUBLE_EQ(spread.lower, 1.75);
  EXPECT_DOUBLE_EQ(spread.median, 2.5);
  EXPECT_DOUBLE_EQ(spread.upper, 3.25);
  EXPECT_DOUBLE_EQ(spread_of({2}).noise(), 0);
  EXPECT_EQ(spread_of({}).samples, 0);
  EXPECT_DOUBLE_EQ(spread_of({}).noise(), 0);
}

// One slow sample of many says nothing about the median.
TEST(SampleSpread, ANeighbourDoesNotMoveTheMedian) {
  const SampleSpread calm = spread_of({1, 1, 1, 1, 1, 1, 1}), disturbed = spread_of({1, 1, 1, 1, 1, 1, 50});
  EXPECT_DOUBLE_EQ(calm.median, disturbed.median);
  EXPECT_DOUBLE_EQ(disturbed.noise(), 0);
}

}  // namespace
}  // namespace jetpinn
