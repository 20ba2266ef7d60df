#include "jetpinn/optim/natural_gradient.hpp"

#include "support/expect_error.hpp"
#include "support/functions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using testing::FunctionObjective;

OptimizerOptions ngd() {
  OptimizerOptions options;
  options.kind = "ngd";
  return options;
}

StepReport run_natural_gradient(Optimizer& optimizer, Objective& objective, double* x, int steps, double until = 0) {
  StepReport last;
  for (int step = 0; step < steps; ++step) {
    last = optimizer.step(objective, x);
    if (!last.finished.empty() || last.loss <= until) break;
  }
  return last;
}

// w_i (A x - b)_i^2 with `rows` of a smooth matrix.
FunctionObjective linear(std::int64_t size, std::int64_t rows) {
  return testing::least_squares(size, [=](const double* x) {
    FunctionObjective::LeastSquares sum;
    for (std::int64_t r = 0; r < rows; ++r) {
      sum.weights.push_back(0.5 + static_cast<double>(r % 3));
      sum.rows.emplace_back();
      double value = -std::cos(static_cast<double>(r));
      for (std::int64_t i = 0; i < size; ++i) {
        const double entry = std::sin(1.3 * static_cast<double>(r * size + i)) + (r == i ? 2 : 0);
        sum.rows.back().push_back(entry);
        value += entry * x[i];
      }
      sum.values.push_back(value);
    }
    return sum;
  });
}

// More parameters than residuals, which the kernel solves, and fewer.
TEST(NaturalGradient, SolvesLinearResidualsInOneStep) {
  for (const auto& [size, rows] : {std::pair<std::int64_t, std::int64_t>{4, 9}, {30, 5}}) {
    auto objective = linear(size, rows);
    NaturalGradient optimizer(ngd(), size, nullptr);
    std::vector<double> x(static_cast<std::size_t>(size), 1), g(x);
    double before = 0, after = 0;
    objective.evaluate(x.data(), g.data());
    for (double value : g) before += value * value;
    const StepReport report = optimizer.step(objective, x.data());
    objective.evaluate(x.data(), g.data());
    for (double value : g) after += value * value;
    // A damping adds its square to the loss: it falls until that is lost in rounding.
    EXPECT_LE(report.learning_rate, 1e-8);
    EXPECT_LT(after, 1e-14 * before) << size << " parameters";
    EXPECT_TRUE(rows > size || report.loss < 1e-18) << "all residuals can be zero, at " << report.loss;
  }
}

// -(Sᵀ S + λ I)⁻¹ Sᵀ s, and the same from the kernel: along the direction of one column alone the numbers are short.
TEST(NaturalGradient, StepsByItsFormulaInBothSpaces) {
  for (const std::int64_t size : {1, 3}) {
    // The second trial, of less damping, is worse: its place is forbidden.
    std::vector<double> at;
    FunctionObjective objective(
        size,
        [&](const double* x, double* g) {
          at.push_back(x[0]);
          for (std::int64_t i = 0; i < size; ++i) g[i] = 0;
          g[0] = 2 * 4 * 3 * (3 * x[0] - 6);
          return at.size() == 3 ? 1e9 : 4 * (3 * x[0] - 6) * (3 * x[0] - 6);
        },
        [&](const double* x) {
          std::vector<double> row(static_cast<std::size_t>(size));
          row[0] = 3;
          return FunctionObjective::LeastSquares{{row}, {4}, {3 * x[0] - 6}};
        });
    NaturalGradient optimizer(ngd(), size, nullptr);
    std::vector<double> x(static_cast<std::size_t>(size), 1);
    const StepReport report = optimizer.step(objective, x.data());
    const double damped = 36 * (1 + NaturalGradient::first_damping);  // s² = 36, in either space
    EXPECT_NEAR(x[0], 1 + 36 / damped, 1e-14);
    for (std::size_t i = 1; i < x.size(); ++i) EXPECT_EQ(x[i], 1) << "no residual depends on it";
    ASSERT_EQ(report.evaluations, 3) << "the start, a step, and one of less damping";
    EXPECT_NEAR(at[2], 1 + 36 / (36 * (1 + NaturalGradient::first_damping / NaturalGradient::damping_factor)), 1e-14);
    EXPECT_EQ(report.learning_rate, NaturalGradient::first_damping);
    EXPECT_EQ(report.loss, 4 * (3 * x[0] - 6) * (3 * x[0] - 6));
  }
}

TEST(NaturalGradient, Rosenbrock) {
  auto objective = testing::rosenbrock(10);
  NaturalGradient optimizer(ngd(), 10, nullptr);
  std::vector<double> x(10, -1.2);
  run_natural_gradient(optimizer, objective, x.data(), 60, 1e-24);
  for (double value : x) EXPECT_NEAR(value, 1, 1e-10);
}

// A linearisation that holds over a short way alone: the damping grows until the step is short enough, and stays.
TEST(NaturalGradient, DampsWhereTheLinearisationIsPoor) {
  auto objective = testing::least_squares(1, [](const double* x) {
    return FunctionObjective::LeastSquares{{{1 / (1 + x[0] * x[0])}}, {1}, {std::atan(x[0])}};
  });
  NaturalGradient optimizer(ngd(), 1, nullptr);
  double x = 20;  // Newton's step would go to -589
  StepReport report = optimizer.step(objective, &x);
  EXPECT_GT(report.learning_rate, NaturalGradient::first_damping);
  EXPECT_LT(std::abs(x), 20);
  run_natural_gradient(optimizer, objective, &x, 40, 1e-30);
  EXPECT_NEAR(x, 0, 1e-12);
}

TEST(NaturalGradient, SaysThatNoDampingLowersTheLoss) {
  FunctionObjective objective(
      1,
      [](const double* x, double* g) {
        g[0] = -2 * x[0];
        return x[0] * x[0];
      },
      [](const double* x) {
        return FunctionObjective::LeastSquares{{{-1}}, {1}, {x[0]}};
      });
  NaturalGradient optimizer(ngd(), 1, nullptr);
  double x = 1;
  const StepReport report = optimizer.step(objective, &x);
  EXPECT_EQ(report.reason, "line search");
  EXPECT_EQ(report.finished.find("no damping of the Gauss-Newton step"), 0u) << report.finished;
  EXPECT_EQ(report.loss, 1);
  EXPECT_EQ(x, 1);
}

TEST(NaturalGradient, RestartShortensItsStepsAndForgetsItsDamping) {
  auto objective = linear(4, 9);
  NaturalGradient whole(ngd(), 4, nullptr), halved(ngd(), 4, nullptr);
  std::vector<double> x(4, 1.0), y(4, 1.0);
  whole.step(objective, x.data());
  halved.step(objective, y.data());
  ASSERT_EQ(x, y);
  std::fill(x.begin(), x.end(), 1.0);
  y = x;
  halved.restart(0.5);
  const StepReport report = halved.step(objective, y.data());
  EXPECT_GE(report.evaluations, 3) << "the start is asked for again, and the damping falls from its first value";
  NaturalGradient fresh(ngd(), 4, nullptr);
  fresh.step(objective, x.data());
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(y[i] - 1, 0.5 * (x[i] - 1), 1e-9 * std::abs(x[i] - 1));
}

// The damping stays, loss and gradient are asked for again.
TEST(NaturalGradient, KeepsItsDampingWhenTheObjectiveChanges) {
  auto objective = testing::rosenbrock(4);
  NaturalGradient changed(ngd(), 4, nullptr), told(ngd(), 4, nullptr);
  std::vector<double> x(4, -0.5);
  for (int i = 0; i < 3; ++i) changed.step(objective, x.data());
  StateValues values = capture(changed.state());
  EXPECT_NE(std::get<std::vector<double>>(values.at("damping")).at(0), NaturalGradient::first_damping);
  for (const char* stale : {"loss", "gradient"}) EXPECT_EQ(values.count(stale), 1u);
  values["started"] = std::int64_t{0};
  restore(told.state(), values);
  changed.objective_changed();
  x.assign(4, 0.3);
  std::vector<double> y = x, g(4);
  const StepReport report = changed.step(objective, x.data());
  told.step(objective, y.data());
  EXPECT_EQ(x, y);
  EXPECT_EQ(report.loss, objective.evaluate(x.data(), g.data()).loss);
}

TEST(NaturalGradient, IsForSystemsThatOneRankCanSolve) {
  require_unknowns({10000, 50000});
  require_unknowns({50000, 9984});
  testing::expect_error(Status::usage, {"ngd", "at most 10000", "10001 parameters", "50048 residuals", "lbfgs"}, [] {
    require_unknowns({10001, 50048});
  });
}

}  // namespace
}  // namespace jetpinn
