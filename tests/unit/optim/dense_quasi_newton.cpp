#include "jetpinn/optim/dense_quasi_newton.hpp"

#include "jetpinn/base/error.hpp"
#include "support/expect_error.hpp"
#include "support/functions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

OptimizerOptions options_of(const std::string& kind) {
  OptimizerOptions options;
  options.kind = kind;
  return options;
}

class DenseQuasiNewtonTest : public ::testing::TestWithParam<std::string> {
 protected:
  DenseQuasiNewton of_size(std::int64_t size) const { return {options_of(GetParam()), size, nullptr}; }
};

StepReport run(Optimizer& optimizer, Objective& objective, double* x, int steps, double until = -infinite) {
  StepReport last;
  for (int step = 0; step < steps; ++step) {
    last = optimizer.step(objective, x);
    if (!last.finished.empty() || last.loss <= until) break;
  }
  return last;
}

TEST_P(DenseQuasiNewtonTest, Rosenbrock) {
  auto objective = testing::rosenbrock(10);
  DenseQuasiNewton optimizer = of_size(10);
  std::vector<double> x(10, -1.2);
  run(optimizer, objective, x.data(), 200, 1e-24);
  for (double value : x) EXPECT_NEAR(value, 1, 1e-10);  // sqrt(1e-24), times a margin for the smallest curvature, about 1
  EXPECT_LT(objective.evaluations, 250);
}

// With exact searches n steps would do; with these the error falls superlinearly after about n.
TEST_P(DenseQuasiNewtonTest, SolvesAQuadraticInAFewTimesItsSize) {
  constexpr std::int64_t n = 20;
  auto objective = testing::quadratic(n, 1e4);
  DenseQuasiNewton optimizer = of_size(n);
  std::vector<double> x(n, 1.0);
  const StepReport last = run(optimizer, objective, x.data(), 4 * n, 1e-20);
  EXPECT_LE(last.loss, 1e-20);  // from 1e4
}

TEST_P(DenseQuasiNewtonTest, FallsMonotonicallyOnAnIllConditionedQuadratic) {
  auto objective = testing::quadratic(50, 1e6);
  DenseQuasiNewton optimizer = of_size(50);
  std::vector<double> x(50, 1.0);
  double previous = infinite;
  for (int i = 0; i < 250; ++i) {
    const StepReport report = optimizer.step(objective, x.data());
    ASSERT_LE(report.loss, previous * (1 + 8 * std::numeric_limits<double>::epsilon()));  // the search's margin of rounding
    previous = std::min(previous, report.loss);
    if (!report.finished.empty()) break;
  }
  EXPECT_LT(previous, 1e-12);
}

// The matrix is the inverse Hessian where it has seen all directions.
TEST_P(DenseQuasiNewtonTest, LearnsTheInverseHessian) {
  constexpr std::int64_t n = 6;
  auto objective = testing::quadratic(n, 10);
  DenseQuasiNewton optimizer = of_size(n);
  std::vector<double> x(n, 1.0), g(n);
  run(optimizer, objective, x.data(), 60, 1e-22);
  x.assign(n, 1.0);
  x[2] = -3;
  optimizer.objective_changed();  // the parameters are others: gradient and loss are asked for again
  const double start = objective.evaluate(x.data(), g.data()).loss;
  const StepReport report = optimizer.step(objective, x.data());
  EXPECT_EQ(report.evaluations, 2) << "the start, and Newton's step";
  EXPECT_LT(report.loss, 1e-3 * start);
}

// New points: the matrix stays, and the pair of the next step is of the new objective alone.
TEST_P(DenseQuasiNewtonTest, KeepsItsMatrixWhenTheObjectiveChanges) {
  double shift = 0;
  testing::FunctionObjective objective(2, [&](const double* x, double* g) {
    g[0] = 2 * (x[0] - shift), g[1] = 200 * (x[1] + shift);
    return (x[0] - shift) * (x[0] - shift) + 100 * (x[1] + shift) * (x[1] + shift);
  });
  DenseQuasiNewton optimizer = of_size(2);
  double x[] = {3, 1};
  run(optimizer, objective, x, 40, 1e-26);
  shift = 5;
  optimizer.objective_changed();
  const StepReport report = optimizer.step(objective, x);
  EXPECT_EQ(report.evaluations, 2);
  EXPECT_LT(report.loss, 1e-5 * 2525) << "steepest descent would be far away";
}

// A matrix that misleads is dropped, and the run goes on along steepest descent.
TEST_P(DenseQuasiNewtonTest, RestartsWhereTheMatrixMisleads) {
  auto objective = testing::quadratic(10, 100);
  DenseQuasiNewton optimizer = of_size(10);
  std::vector<double> x(10, 1.0);
  run(optimizer, objective, x.data(), 4);
  StateValues values = capture(optimizer.state());
  for (double& d : std::get<std::vector<double>>(values.at("direction"))) d = -d;
  restore(optimizer.state(), values);
  const StepReport report = optimizer.step(objective, x.data());
  EXPECT_EQ(report.finished, "");
  EXPECT_FALSE(report.skipped);
  run(optimizer, objective, x.data(), 100, 1e-20);
  for (double value : x) EXPECT_NEAR(value, 0, 1e-9);
}

// Where the curvature along a step is not positive the matrix stays as it was, and no later one is spoilt.
TEST_P(DenseQuasiNewtonTest, AStepWithoutCurvatureLeavesTheMatrix) {
  bool linear = false;
  testing::FunctionObjective objective(2, [&](const double* x, double* g) {
    g[0] = linear ? 1 : x[0], g[1] = linear ? 1 : 3 * x[1];
    return linear ? x[0] + x[1] : 0.5 * x[0] * x[0] + 1.5 * x[1] * x[1];
  });
  DenseQuasiNewton optimizer = of_size(2);
  double x[] = {3, -2};
  run(optimizer, objective, x, 30, 1e-24);
  linear = true;
  optimizer.objective_changed();
  optimizer.step(objective, x);
  linear = false;
  optimizer.objective_changed();
  x[0] = 1, x[1] = 1;
  const StepReport report = optimizer.step(objective, x);
  EXPECT_EQ(report.evaluations, 2);
  EXPECT_LT(report.loss, 1e-6);
}

TEST_P(DenseQuasiNewtonTest, RestartForgetsTheMatrixAndShortensTheFirstTrial) {
  std::vector<double> at;  // where the objective was asked
  testing::FunctionObjective objective(1, [&](const double* x, double* g) {
    at.push_back(x[0]);
    g[0] = 8 * x[0];
    return 4 * x[0] * x[0];
  });
  DenseQuasiNewton optimizer = of_size(1);
  double x = 3;
  run(optimizer, objective, &x, 2);
  for (double factor : {0.5, 0.25}) {
    optimizer.restart(0.5);
    x = 3;
    at.clear();
    optimizer.step(objective, &x);
    EXPECT_EQ(at[0], 3) << "what was known of the loss is stale";
    EXPECT_EQ(at[1], 3 - factor) << "steepest descent of length one, times the factor";
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, DenseQuasiNewtonTest, ::testing::Values("bfgs", "ssbroyden"),
                         [](const auto& info) { return info.param; });

TEST(DenseQuasiNewton, IsForSmallNetworksAlone) {
  for (const char* kind : {"bfgs", "ssbroyden"}) {
    require_size(options_of(kind), 8000);
    testing::expect_error(Status::usage, {kind, "8000", "8001", "lbfgs"}, [&] { require_size(options_of(kind), 8001); });
  }
  require_size(options_of("lbfgs"), 8001);
}

}  // namespace
}  // namespace jetpinn
