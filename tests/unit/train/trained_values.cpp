#include "jetpinn/train/trained_values.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// Weights 4, 1 and 0; by hand.
TEST(CombineValues, WeighsByPrecision) {
  const CombinedValue of_two = combine_values({{"k", 1, 0.5}, {"k", 2, 1}, {"k", 100, unknown}});
  EXPECT_EQ(of_two.mean.name, "k");
  EXPECT_DOUBLE_EQ(of_two.mean.value, (4 * 1 + 1 * 2) / 5.0);
  EXPECT_DOUBLE_EQ(of_two.mean.standard_error, 1 / std::sqrt(5.0));
  EXPECT_DOUBLE_EQ(of_two.birge_ratio, std::sqrt(4 * 0.2 * 0.2 + 0.8 * 0.8));
}

TEST(CombineValues, TakesWhatOneFitKnows) {
  const CombinedValue combined = combine_values({{"k", 3, unknown}, {"k", 2, 0.25}});
  EXPECT_EQ(combined.mean.value, 2);
  EXPECT_EQ(combined.mean.standard_error, 0.25);
  EXPECT_TRUE(std::isnan(combined.birge_ratio)) << "one fit disagrees with no other";
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
