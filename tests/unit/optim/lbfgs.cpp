#include "jetpinn/optim/lbfgs.hpp"

#include "support/functions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace jetpinn {
namespace {

OptimizerOptions with_history(int history) {
  OptimizerOptions options;
  options.kind = "lbfgs";
  options.history = history;
  return options;
}

struct Outcome {
  StepReport last;
  int steps = 0;
};

Outcome run_lbfgs(Optimizer& optimizer, Objective& objective, double* x, int steps, double until = -1) {
  Outcome outcome;
  for (; outcome.steps < steps; ++outcome.steps) {
    outcome.last = optimizer.step(objective, x);
    if (!outcome.last.finished.empty() || outcome.last.loss <= until) break;
  }
  return outcome;
}

TEST(Lbfgs, Rosenbrock) {
  auto objective = testing::rosenbrock(20);
  Lbfgs lbfgs(with_history(10), 20);
  std::vector<double> x(20, -1.2);
  run_lbfgs(lbfgs, objective, x.data(), 400, 1e-24);
  for (double value : x) EXPECT_NEAR(value, 1, 1e-10);   // the smallest curvature is about 1:
                                                         // sqrt(1e-24), times a margin for it
  EXPECT_LT(objective.evaluations, 400);
}

TEST(Lbfgs, FallsMonotonicallyOnAnIllConditionedQuadratic) {
  auto objective = testing::quadratic(50, 1e4);
  Lbfgs lbfgs(with_history(50), 50);
  std::vector<double> x(50, 1.0);
  double previous = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 300; ++i) {
    const StepReport report = lbfgs.step(objective, x.data());
    // near the minimum a step may be accepted on its slopes, its value being equal to the line search's rounding margin
    ASSERT_LE(report.loss, previous * (1 + 8 * std::numeric_limits<double>::epsilon()));
    previous = std::min(previous, report.loss);
    if (!report.finished.empty()) break;
  }
  EXPECT_LT(previous, 1e-6);   // from 1e5; the L-BFGS-B of Zhu, Byrd, Lu and Nocedal reaches 1.4e-7 with the same history
}

TEST(Lbfgs, AsksAgainWhenTheObjectiveChanged) {
  double shift = 0;
  testing::FunctionObjective objective(1, [&](const double* x, double* g) {
    g[0] = 2 * (x[0] - shift);
    return (x[0] - shift) * (x[0] - shift);
  });
  Lbfgs lbfgs(with_history(5), 1);
  double x = 3;
  run_lbfgs(lbfgs, objective, &x, 5, 1e-20);
  shift = 5;
  lbfgs.objective_changed();
  run_lbfgs(lbfgs, objective, &x, 10, 1e-20);
  EXPECT_NEAR(x, 5, 1e-9);
}

// On a linear stretch the search runs out of evaluations, its pair has no curvature and is left out;
// the pair before must not suffer.
TEST(Lbfgs, APairWithoutCurvatureLeavesNoTrace) {
  bool linear = false;
  testing::FunctionObjective objective(2, [&](const double* x, double* g) {
    g[0] = linear ? 1 : x[0], g[1] = linear ? 1 : 3 * x[1];
    return linear ? x[0] + x[1] : 0.5 * x[0] * x[0] + 1.5 * x[1] * x[1];
  });
  Lbfgs lbfgs(with_history(1), 2);
  double x[] = {3, -2};
  run_lbfgs(lbfgs, objective, x, 3);
  linear = true;
  lbfgs.objective_changed();
  lbfgs.step(objective, x);
  linear = false;
  lbfgs.objective_changed();
  x[0] = 1, x[1] = 1;
  objective.evaluations = 0;
  lbfgs.step(objective, x);
  EXPECT_LE(objective.evaluations, 4);   // the start, and steepest descent of the length that the curvature seen asks for
  run_lbfgs(lbfgs, objective, x, 30, 1e-20);
  EXPECT_NEAR(x[0], 0, 1e-9);
  EXPECT_NEAR(x[1], 0, 1e-9);
}

// Each failure drops the history and goes on along steepest descent; the optimiser only gives up when that fails too.
TEST(Lbfgs, RecoversWhenAPairMisleads) {
  auto objective = testing::quadratic(10, 100);
  Lbfgs lbfgs(with_history(5), 10);
  std::vector<double> x(10, 1.0);
  run_lbfgs(lbfgs, objective, x.data(), 4);
  StateValues values = capture(lbfgs.state());
  auto& rho = std::get<std::vector<double>>(values.at("rho"));
  std::fill(rho.begin(), rho.end(), -1e3);   // curvature of the wrong sign: no direction of descent
  restore(lbfgs.state(), values);
  const StepReport report = lbfgs.step(objective, x.data());
  EXPECT_EQ(report.finished, "");
  EXPECT_FALSE(report.skipped);
  run_lbfgs(lbfgs, objective, x.data(), 100, 1e-20);
  for (double value : x) EXPECT_NEAR(value, 0, 1e-9);
}

// After a roll-back: steepest descent again, its first trial step shorter by the factor of every restart.
TEST(Lbfgs, RestartForgetsThePairsAndShortensTheFirstTrial) {
  std::vector<double> at;   // where the objective was asked
  testing::FunctionObjective objective(1, [&](const double* x, double* g) {
    at.push_back(x[0]);
    g[0] = 8 * x[0];
    return 4 * x[0] * x[0];
  });
  Lbfgs lbfgs(with_history(5), 1);
  double x = 3;
  run_lbfgs(lbfgs, objective, &x, 2);
  for (double factor : {0.5, 0.25}) {
    lbfgs.restart(0.5);
    EXPECT_EQ(std::get<std::vector<double>>(capture(lbfgs.state()).at("rho")).size(), 0u);
    x = 3;
    at.clear();
    lbfgs.step(objective, &x);
    EXPECT_EQ(at[0], 3) << "what was known of the loss is stale";
    EXPECT_EQ(at[1], 3 - factor) << "steepest descent of length one, times the factor";
  }
}

TEST(Lbfgs, SavesNoMoreThanItsPairs) {
  auto objective = testing::rosenbrock(8);
  Lbfgs lbfgs(with_history(4), 8);
  std::vector<double> x(8, -0.7);
  for (std::size_t step = 1; step <= 6; ++step) {
    lbfgs.step(objective, x.data());
    EXPECT_EQ(std::get<std::vector<double>>(capture(lbfgs.state()).at("s")).size(), 8 * std::min<std::size_t>(step, 4));
  }
}

}  // namespace
}  // namespace jetpinn
