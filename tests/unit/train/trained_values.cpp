#include "jetpinn/train/trained_values.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// Of a term of one residual that misses zero, and of one of two that are met on their own points; by hand.
TEST(SamplingErrors, AreTheLargerOfWhatAMeanMissesAndHowFarSamplesLieApart) {
  const std::vector<SquaredMean> list{{0, {4}}, {2, {1, 1}}};
  std::vector<double> squares{9, 7, 0};
  take_sampling_errors(list, {-3, 0, 0.5}, {-2, 0.25, 0}, squares);
  EXPECT_EQ(squares, (std::vector<double>{9, 7, 0.0625 + 0.25})) << "whatever the weights";
  take_sampling_errors(list, {-3, 0, 0.5}, {2, 0.25, -0.5}, squares);
  EXPECT_EQ(squares, (std::vector<double>{25, 7, 0.0625 + 1}));
}

TEST(SamplingErrors, AreUnknownWithoutAnotherSample) {
  std::vector<double> squares{9, 7, 0};
  take_sampling_errors({{0, {4}}, {2, {1, 1}}}, {-3, 0, 0.5}, {-3, unknown, 0.5}, squares);
  EXPECT_EQ(squares[0], 9);
  EXPECT_EQ(squares[1], 7);
  EXPECT_TRUE(std::isnan(squares[2]));
}

// Weights 4, 1 and 0; by hand.
TEST(CombineValues, WeighsByPrecision) {
  const CombinedValue of_two = combine_values({{"k", 1, 0.5}, {"k", 2, 1}, {"k", 100, unknown}});
  EXPECT_EQ(of_two.mean.name, "k");
  EXPECT_DOUBLE_EQ(of_two.mean.value, (4 * 1 + 1 * 2) / 5.0);
  EXPECT_DOUBLE_EQ(of_two.mean.standard_error, 1 / std::sqrt(5.0));
  EXPECT_DOUBLE_EQ(of_two.birge_ratio, std::sqrt(4 * 0.2 * 0.2 + 0.8 * 0.8));
}

// Two fits of equal errors s, 2 d apart: the ratio is sqrt(2) d / s, and the error s / sqrt(2) that times, d; by hand.
TEST(CombineValues, ScalesTheErrorWhereFitsLieFartherApart) {
  const CombinedValue apart = combine_values({{"k", 1, 0.5}, {"k", 7, 0.5}}),
                      near = combine_values({{"k", 1, 8}, {"k", 7, 8}});
  EXPECT_EQ(apart.mean.value, 4);
  EXPECT_DOUBLE_EQ(apart.birge_ratio, std::sqrt(2.0) * 3 / 0.5);
  EXPECT_DOUBLE_EQ(apart.mean.standard_error, 3);
  EXPECT_DOUBLE_EQ(near.birge_ratio, std::sqrt(2.0) * 3 / 8);
  EXPECT_DOUBLE_EQ(near.mean.standard_error, 8 / std::sqrt(2.0)) << "fits that happen to agree say no more than they know";
}

TEST(CombineValues, TakesWhatOneFitKnows) {
  const CombinedValue combined = combine_values({{"k", 3, unknown}, {"k", 2, 0.25}});
  EXPECT_EQ(combined.mean.value, 2);
  EXPECT_EQ(combined.mean.standard_error, 0.25);
  EXPECT_TRUE(std::isnan(combined.birge_ratio)) << "one fit disagrees with no other";
  EXPECT_EQ(combined.fits, 2u);
  EXPECT_EQ(combined.known, 1u);
}

// A deviation of zero would weigh without end: it tells nothing.
TEST(CombineValues, IsThePlainMeanWhereNoErrorIsKnown) {
  const CombinedValue combined = combine_values({{"k", 3, unknown}, {"k", 2, 0}, {"k", 1, unknown}});
  EXPECT_EQ(combined.mean.value, 2);
  EXPECT_TRUE(std::isnan(combined.mean.standard_error));
  EXPECT_TRUE(std::isnan(combined.birge_ratio));
}

}  // namespace
}  // namespace jetpinn
