#include "jetpinn/train/best_network.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace jetpinn {
namespace {

TEST(BestNetwork, KeepsTheParametersThatGoWithTheLoss) {
  BestNetwork adam, lbfgs;
  adam.begin({0});
  lbfgs.begin({0});
  const double losses[] = {4, 2, 3, std::nan("")};
  for (int step = 0; step < 4; ++step) {
    adam.account(step + 1, losses[step], false, {step + 1.0});
    lbfgs.account(step + 1, losses[step], true, {step + 1.0});
  }
  EXPECT_EQ(adam.parameters(), std::vector<double>{1});    // before the step that reported 2
  EXPECT_EQ(adam.step(), 1);
  EXPECT_EQ(lbfgs.step(), 2);
  EXPECT_EQ(lbfgs.parameters(), std::vector<double>{2});   // after it
}

TEST(BestNetwork, MayBeTheOneBeforeTheFirstStep) {
  BestNetwork best;
  best.begin({0});
  best.account(1, 1, false, {1});
  best.account(2, 5, false, {2});
  EXPECT_EQ(best.parameters(), std::vector<double>{0});
  EXPECT_EQ(best.step(), 0);
}

TEST(BestNetwork, BeatsAHigherLossAndOneThatIsNotFinite) {
  BestNetwork best;
  EXPECT_FALSE(best.beats(1));
  EXPECT_FALSE(best.beats(std::nan("")));
  best.account(4, 2, true, {7});
  EXPECT_FALSE(best.beats(2));
  EXPECT_TRUE(best.beats(2.5));
  EXPECT_TRUE(best.beats(std::nan("")));
}

}  // namespace
}  // namespace jetpinn
