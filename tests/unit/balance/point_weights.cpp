#include "jetpinn/balance/point_weights.hpp"

#include "jetpinn/base/types.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace jetpinn {
namespace {

constexpr double point_tolerance = 10 * std::numeric_limits<double>::epsilon();

// Blocks 1 and 3 of a term: 256 points and the 4 last ones.
const std::vector<Block> held{{block_points, block_points}, {3 * block_points, 4}};

PointWeights weights_of_all() { return PointWeights(held, 3 * block_points + 4); }

// r² = 4 at the last point of those evaluated, 1 at the others.
void hear(PointWeights& weights, std::int64_t count) {
  weights.begin(count);
  for (std::int64_t i = 0; i < count; ++i) weights.hear(i, i + 1 == count ? 4 : 1);
}

TEST(PointWeights, AttentionFollowsTheResidual) {
  PointWeights weights = weights_of_all();
  BalanceDefaults settings = balance_defaults(BalanceMethod::rba);
  settings.momentum = 0.5;
  settings.rate = 0.2;
  hear(weights, rows_of(held));
  EXPECT_EQ(weights.largest(BalanceMethod::rba, held), 2);
  weights.refresh(settings, 4, held);  // another rank has |r| = 4
  EXPECT_NEAR(weights.weight_at(0), std::pow(0.5 + 0.2 / 4, 2), point_tolerance);
  EXPECT_NEAR(weights.weight_at(259), std::pow(0.5 + 0.2 / 2, 2), point_tolerance);
}

TEST(PointWeights, AscentRisesByItsShareOfTheSteepest) {
  PointWeights weights = weights_of_all();
  const BalanceDefaults& settings = balance_defaults(BalanceMethod::self_adaptive);
  hear(weights, rows_of(held));
  double most = weights.largest(settings.method, held);
  EXPECT_EQ(most, 4);
  weights.refresh(settings, most, held);
  EXPECT_NEAR(weights.weight_at(0), std::pow(1 + 0.01 / 4, 2), point_tolerance);
  EXPECT_NEAR(weights.weight_at(259), std::pow(1.01, 2), point_tolerance);
  most = weights.largest(settings.method, held);
  EXPECT_NEAR(most, 4 * 1.01, 4 * point_tolerance) << "the larger a weight, the steeper";
  weights.refresh(settings, most, held);
  EXPECT_NEAR(weights.weight_at(259), std::pow(1.02, 2), point_tolerance);
}

TEST(PointWeights, ABatchChangesItsOwnPointsAlone) {
  PointWeights weights = weights_of_all();
  const std::vector<Block> batch{held[1]};
  hear(weights, 4);
  weights.refresh(balance_defaults(BalanceMethod::self_adaptive), 4, batch);
  for (std::int64_t row = 0; row < block_points; ++row) EXPECT_EQ(weights.weight_at(row), 1);
  EXPECT_NEAR(weights.weight_at(block_points), std::pow(1 + 0.01 / 4, 2), point_tolerance);
  EXPECT_NEAR(weights.weight_at(block_points + 3), std::pow(1.01, 2), point_tolerance);
}

TEST(PointWeights, NothingFollowsFromWhatIsNotFiniteOrZero) {
  PointWeights weights = weights_of_all();
  weights.begin(4);
  for (std::int64_t i = 0; i < 4; ++i) weights.hear(i, i == 1 ? std::nan("") : 1);
  const double most = weights.largest(BalanceMethod::rba, {held[1]});
  EXPECT_TRUE(std::isinf(most)) << "a maximum over ranks must not lose it";
  for (const double none : {most, 0.0}) weights.refresh(balance_defaults(BalanceMethod::rba), none, {held[1]});
  for (std::int64_t row = 0; row < rows_of(held); ++row) EXPECT_EQ(weights.weight_at(row), 1);
}

}  // namespace
}  // namespace jetpinn
