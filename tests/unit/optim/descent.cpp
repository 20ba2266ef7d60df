// What all optimisers that search for a lower loss promise.
#include "jetpinn/optim/descent.hpp"

#include "support/functions.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

OptimizerOptions descent_options(const std::string& kind) {
  OptimizerOptions options;
  options.kind = kind;
  return options;
}

std::unique_ptr<Optimizer> make(const OptimizerOptions& options, std::int64_t size) {
  return make_optimizer(options, ParameterLayout::of_size(size), 100);
}

class Searches : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Optimizer> of_size(std::int64_t size) const { return make(descent_options(GetParam()), size); }
};

// Those that look along a line.
class LineSearches : public Searches {};

StepReport descend(Optimizer& optimizer, Objective& objective, double* x, int steps) {
  StepReport last;
  for (int step = 0; step < steps && last.finished.empty(); ++step) last = optimizer.step(objective, x);
  return last;
}

TEST_P(Searches, NeverRaiseTheLossAndReportThatOfTheParametersTheyLeave) {
  auto objective = testing::rosenbrock(6);
  const auto optimizer = of_size(6);
  std::vector<double> x(6, -0.5), g(6);
  double previous = objective.evaluate(x.data(), g.data()).loss;
  for (int i = 0; i < 8; ++i) {
    const StepReport report = optimizer->step(objective, x.data());
    EXPECT_LT(report.loss, previous);
    previous = report.loss;
    EXPECT_EQ(report.loss, objective.evaluate(x.data(), g.data()).loss);
    double square = 0;
    for (double value : g) square += value * value;
    EXPECT_NEAR(report.gradient_norm, std::sqrt(square), 1e-14 * std::sqrt(square));
  }
}

TEST_P(Searches, SkipAStartThatIsNotFinite) {
  testing::FunctionObjective objective(1, [](const double*, double* g) {
    g[0] = 0;
    return std::numeric_limits<double>::quiet_NaN();
  });
  double x = 0.5;
  EXPECT_TRUE(of_size(1)->step(objective, &x).skipped);
  EXPECT_EQ(x, 0.5);
}

TEST_P(Searches, SayThatTheGradientIsZero) {
  testing::FunctionObjective flat(2, [](const double*, double* g) {
    g[0] = g[1] = 0;
    return 3.0;
  });
  std::vector<double> x{1, 2};
  const StepReport report = of_size(2)->step(flat, x.data());
  EXPECT_EQ(report.finished.find("the gradient is zero"), 0u) << report.finished;
  EXPECT_EQ(report.reason, "gradient is zero");
  EXPECT_EQ(report.loss, 3);
  EXPECT_EQ(report.evaluations, 1);
  EXPECT_EQ(x, (std::vector<double>{1, 2}));
}

TEST_P(Searches, StopAtTheirTolerances) {
  for (bool by_loss : {false, true}) {
    OptimizerOptions options = descent_options(GetParam());
    (by_loss ? options.loss_tolerance : options.gradient_tolerance) = 0.5;
    auto objective = testing::rosenbrock(4);
    std::vector<double> x(4, -0.5);
    const StepReport last = descend(*make(options, 4), objective, x.data(), 100);
    EXPECT_EQ(last.reason, "tolerance");
    EXPECT_NE(last.finished.find(by_loss ? "relative change of the loss" : "largest gradient component"), std::string::npos);
    EXPECT_GT(last.loss, 0) << "it went on";
  }
}

// A gradient of the wrong sign: no step along it brings a lower value. The parameters stay where they were.
TEST_P(LineSearches, SurviveAnObjectiveThatCannotBeLowered) {
  testing::FunctionObjective objective(2, [](const double* x, double* g) {
    g[0] = -2 * x[0], g[1] = -2 * x[1];
    return x[0] * x[0] + x[1] * x[1];
  });
  std::vector<double> x{1, 1};
  const StepReport last = descend(*of_size(2), objective, x.data(), 10);
  EXPECT_NE(last.finished.find("steepest descent"), std::string::npos) << last.finished;
  EXPECT_EQ(last.reason, "line search");
  EXPECT_EQ(x, (std::vector<double>{1, 1}));
  EXPECT_LT(objective.evaluations, 120);
}

// log(x) is not defined beyond a wall: the search comes back from there.
TEST_P(LineSearches, ComeBackFromWhereTheLossIsNotFinite) {
  testing::FunctionObjective objective(1, [](const double* x, double* g) {
    g[0] = 1 - 0.01 / x[0];
    return x[0] - 0.01 * std::log(x[0]);
  });
  double x = 0.5;
  descend(*of_size(1), objective, &x, 60);
  EXPECT_NEAR(x, 0.01, 1e-8);
}

const auto name = [](const auto& info) { return info.param; };
INSTANTIATE_TEST_SUITE_P(All, Searches, ::testing::Values("lbfgs", "bfgs", "ssbroyden", "ngd"), name);
INSTANTIATE_TEST_SUITE_P(All, LineSearches, ::testing::Values("lbfgs", "bfgs", "ssbroyden"), name);

}  // namespace
}  // namespace jetpinn
