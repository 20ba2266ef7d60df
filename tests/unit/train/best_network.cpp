#include "jetpinn/train/best_network.hpp"

#include "support/functions.hpp"

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
  EXPECT_EQ(adam.parameters().values(), std::vector<double>{1});  // before the step that reported 2
  EXPECT_EQ(adam.step(), 1);
  EXPECT_EQ(lbfgs.step(), 2);
  EXPECT_EQ(lbfgs.parameters().values(), std::vector<double>{2});  // after it
}

TEST(BestNetwork, MayBeTheOneBeforeTheFirstStep) {
  BestNetwork best;
  best.begin({0});
  best.account(1, 1, false, {1});
  best.account(2, 5, false, {2});
  EXPECT_EQ(best.parameters().values(), std::vector<double>{0});
  EXPECT_EQ(best.step(), 0);
}

// A run that kept no network until it was resumed.
TEST(BestNetwork, MayBeTheOneOfACheckpoint) {
  BestNetwork best;
  best.go_on({3});
  best.account(8, 1, false, {4});
  best.account(9, 5, false, {5});
  EXPECT_EQ(best.parameters().values(), std::vector<double>{3});
  EXPECT_EQ(best.step(), 7);
  best.go_on({6});
  best.account(10, 0.5, false, {7});
  EXPECT_EQ(best.parameters().values(), std::vector<double>{5}) << "what a checkpoint knows stays";
}

TEST(BestNetwork, ForgetsWhatHadAnotherLoss) {
  BestNetwork best;
  best.begin({0});
  best.account(1, 1, false, {1});
  best.forget();
  EXPECT_FALSE(best.beats(2));
  best.account(2, 5, false, {2});
  EXPECT_EQ(best.parameters().values(), std::vector<double>{1}) << "the one before the step is still known";
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

// The loss of {x} is x^2; the best network is {2}, of step 3, whatever loss was reported for it.
class SettleTest : public ::testing::Test {
 protected:
  SettleTest() { best_.account(3, 1e-3, true, {2}); }
  double settle(double x) {
    parameters_ = {x};
    const Objective::Value last = objective_.evaluate(parameters_.open().data(), gradient_.open().data());
    return best_.settle(objective_, last, parameters_, gradient_).loss;
  }
  testing::FunctionObjective objective_{1, [this](const double* x, double* g) {
                                          last_asked_ = x[0];
                                          g[0] = 2 * x[0];
                                          return x[0] * x[0];
                                        }};
  BestNetwork best_;
  PlacedVector parameters_, gradient_ = {0};
  double last_asked_ = 0;
};

TEST_F(SettleTest, TakesABetterNetwork) {
  EXPECT_EQ(settle(3), 4);
  EXPECT_EQ(parameters_.values(), std::vector<double>{2});
  EXPECT_EQ(best_.kept_step(), 3);
  EXPECT_EQ(last_asked_, 2);
}

TEST_F(SettleTest, LeavesTheLastOneWhereThatIsBetterOnThePointsOfTheEnd) {
  EXPECT_EQ(settle(1), 1);
  EXPECT_EQ(parameters_.values(), std::vector<double>{1});
  EXPECT_EQ(best_.kept_step(), -1);
  EXPECT_EQ(last_asked_, 1) << "what was evaluated last is what is left";
  EXPECT_EQ(objective_.evaluations, 3);
}

TEST_F(SettleTest, ADifferenceOfRoundingIsNone) {
  EXPECT_EQ(settle(2 * (1 + 1e-7)), 4 * (1 + 1e-7) * (1 + 1e-7));
  EXPECT_EQ(best_.kept_step(), -1);
}

TEST_F(SettleTest, AsksNothingWhereNoLossWasLower) {
  EXPECT_EQ(settle(0.03), 0.03 * 0.03);
  EXPECT_EQ(objective_.evaluations, 1);
}

TEST(BestNetwork, TakesAndGivesNothingWhereItKeepsNone) {
  BestNetwork kept;
  kept.account(1, 1e-3, true, {2});
  BestNetwork best(false);
  restore(best.state(), capture(kept.state()));   // of a run that kept them before
  best.begin({7});
  best.account(2, 1e-6, true, {9});
  EXPECT_EQ(best.step(), 1);
  auto objective = testing::quadratic(2, 1);
  PlacedVector parameters = {3, 3}, gradient(2);
  EXPECT_EQ(best.settle(objective, {9, true}, parameters, gradient).loss, 9);
  EXPECT_EQ(parameters.values(), (std::vector<double>{3, 3}));
  EXPECT_EQ(objective.evaluations, 0);
}

}  // namespace
}  // namespace jetpinn
