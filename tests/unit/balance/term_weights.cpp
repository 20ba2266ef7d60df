#include "jetpinn/balance/term_weights.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace jetpinn {
namespace {

constexpr double term_tolerance = 10 * std::numeric_limits<double>::epsilon();
constexpr double infinite = std::numeric_limits<double>::infinity();

TEST(TermWeights, EqualisingOnesAreTheMeanOverTheSize) {
  const std::vector<double> sizes{1, 10, 4}, weights = equalising_weights(sizes);
  ASSERT_EQ(weights.size(), 3u);
  for (std::size_t t = 0; t < 3; ++t) EXPECT_NEAR(weights[t], 5 / (sizes[t] + 5e-5), term_tolerance * weights[t]);
  EXPECT_NEAR(equalising_weights({7, 7})[1], 1, 1.1e-5);
}

TEST(TermWeights, ATermWithoutAGradientIsNotWeighedWithoutBound) {
  EXPECT_NEAR(equalising_weights({0, 2})[0], 1e5, 1e5 * term_tolerance);
  EXPECT_TRUE(equalising_weights({0, 0}).empty());
  EXPECT_TRUE(equalising_weights({1, infinite}).empty());
  EXPECT_TRUE(equalising_weights({1, std::nan("")}).empty());
}

TEST(TermWeights, RelativeOnesAreASoftmaxOfWhatFellLess) {
  const std::vector<double> weights = relative_weights({1, 2, 3}, {2, 2, 2}, 0.5);
  const double sum = std::exp(1) + std::exp(2) + std::exp(3);
  for (std::size_t t = 0; t < 3; ++t)
    EXPECT_NEAR(weights[t], 3 * std::exp(static_cast<double>(t + 1)) / sum, term_tolerance * 10);
  EXPECT_NEAR(std::accumulate(weights.begin(), weights.end(), 0.0), 3, 10 * term_tolerance);
}

TEST(TermWeights, RelativeOnesOverflowNowhere) {
  const std::vector<double> weights = relative_weights({1e9, 1}, {1, 1}, 1e-3);
  constexpr double least = std::numeric_limits<double>::epsilon();
  EXPECT_NEAR(weights[0], 2, term_tolerance);
  EXPECT_NEAR(weights[1], 2 * least, least * term_tolerance);
  EXPECT_EQ(relative_weights({0, 0}, {0, 0}, 1), (std::vector<double>{1, 1}));  // as if both had stayed
  EXPECT_TRUE(relative_weights({std::nan(""), 1}, {1, 1}, 1).empty());
}

TEST(TermWeights, MoveByTheMomentum) {
  std::vector<double> weights{1, 2};
  move_towards(weights, {3, 6}, 0.75);
  EXPECT_EQ(weights, (std::vector<double>{1.5, 3}));
  move_towards(weights, {}, 0);
  EXPECT_EQ(weights, (std::vector<double>{1.5, 3}));
}

}  // namespace
}  // namespace jetpinn
