#include "jetpinn/train/measured_shares.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace jetpinn {
namespace {

using Numbers = std::vector<double>;

constexpr double tolerance = 10 * std::numeric_limits<double>::epsilon();

TEST(MeasuredShares, FollowARankThatIsSlowAtTwoLooks) {
  MeasuredShares shares;
  EXPECT_TRUE(shares.look({1, 3, 1}, {10, 10, 10}).empty()) << "once may be chance";
  const Numbers speeds = shares.look({1, 3, 1}, {10, 10, 10});
  ASSERT_EQ(speeds.size(), 3u);
  EXPECT_NEAR(speeds[0] / speeds[1], 3, 3 * tolerance);
  EXPECT_NEAR(speeds[0] + speeds[1] + speeds[2], 3, 3 * tolerance) << "their mean is 1";
  EXPECT_EQ(speeds[0], speeds[2]);
}

TEST(MeasuredShares, TakeTheFasterOfTwoLooks) {
  MeasuredShares shares;
  EXPECT_TRUE(shares.look({1, 9}, {10, 10}).empty());
  const Numbers speeds = shares.look({1, 2}, {10, 10});
  ASSERT_EQ(speeds.size(), 2u);
  // work per second over the mean of a look: 1.8 and 0.2, then 4/3 and 2/3
  EXPECT_NEAR(speeds[0] / speeds[1], 1.8 / (2.0 / 3), 10 * tolerance);
}

TEST(MeasuredShares, StayWhereAnotherRankIsSlowEachTime) {
  MeasuredShares shares;
  for (int round = 0; round < 4; ++round) {
    EXPECT_TRUE(shares.look({1, 1.5, 1}, {10, 10, 10}).empty());
    EXPECT_TRUE(shares.look({1, 1, 1.5}, {10, 10, 10}).empty());
  }
}

TEST(MeasuredShares, StayWhereTimesDifferLittleOrTheSlowerHasMore) {
  MeasuredShares shares;
  for (int round = 0; round < 3; ++round) EXPECT_TRUE(shares.look({1, 1.15, 1}, {10, 10, 10}).empty());
  for (int round = 0; round < 3; ++round) EXPECT_TRUE(shares.look({2, 2}, {5, 20}).empty()) << "already dealt";
  EXPECT_TRUE(shares.look({1, 2}, {10, 10}).empty());
  EXPECT_TRUE(shares.look({1, 1}, {10, 10}).empty());
  EXPECT_TRUE(shares.look({1, 2}, {10, 10}).empty()) << "an even look forgets the one before";
}

TEST(MeasuredShares, LeaveNoRankWithoutWork) {
  MeasuredShares shares;
  shares.look({1, 1000}, {10, 10});
  const Numbers speeds = shares.look({1, 1000}, {10, 10});
  ASSERT_EQ(speeds.size(), 2u);
  EXPECT_NEAR(speeds[1] / speeds[0], SharesRule{}.least_speed, tolerance);
  EXPECT_TRUE(shares.look({0, 0}, {0, 0}).empty());
  shares.look({0, 3, 1}, {0, 10, 10});
  const Numbers some = shares.look({0, 3, 1}, {0, 10, 10});
  ASSERT_EQ(some.size(), 3u);
  EXPECT_NEAR(some[0], 1, 4 * tolerance) << "a rank without work counts as one of mean speed";
}

TEST(MeasuredShares, AreDealtOnlyWhereThatIsWorthIt) {
  const MeasuredShares shares;
  EXPECT_TRUE(shares.is_worth({1.5, 0.5}, {10, 10}, {15, 5}));
  EXPECT_FALSE(shares.is_worth({1.5, 0.5}, {10, 10}, {10.2, 9.8})) << "blocks are whole";
  EXPECT_FALSE(shares.is_worth({1.5, 0.5}, {10, 10}, {5, 15}));
}

}  // namespace
}  // namespace jetpinn
