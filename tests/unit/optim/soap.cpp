#include "jetpinn/optim/soap.hpp"

#include "reference/soap.hpp"
#include "support/functions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

using reference::Matrix;
using reference::transposed;

OptimizerOptions soap_options(const std::string& kind, double rate) {
  OptimizerOptions options;
  options.kind = kind;
  options.learning_rate.start = rate;
  return options;
}

// A weight matrix between a vector and a number of the expressions.
ParameterLayout layout_of(std::int64_t rows, std::int64_t columns) {
  return ParameterLayout({{"bias", 1, 3, 0}, {"weight", rows, columns, 3}, {"k", 1, 1, 3 + rows * columns, true, false}});
}

// |A (W - C) B|², A and B ill-conditioned: no axis of W is an axis of the valley.
testing::FunctionObjective valley(std::size_t m, std::size_t n, double condition) {
  const auto factor = [condition](std::size_t size) {
    Matrix a(size, size);
    for (std::size_t i = 0; i < size; ++i)
      for (std::size_t j = 0; j < size; ++j) {
        double sum = 0;  // V diag V, V of sines: symmetric and orthogonal
        for (std::size_t k = 0; k < size; ++k) {
          const double scale = 2.0 / static_cast<double>(size + 1), pi = std::acos(-1.0) / static_cast<double>(size + 1);
          sum += scale * std::sin(pi * static_cast<double>((i + 1) * (k + 1))) *
                 std::pow(condition, -static_cast<double>(k) / static_cast<double>(size - 1)) *
                 std::sin(pi * static_cast<double>((j + 1) * (k + 1)));
        }
        a(i, j) = sum;
      }
    return a;
  };
  const Matrix a = factor(m), b = factor(n);
  return {static_cast<std::int64_t>(m * n), [a, b, m, n](const double* x, double* g) {
            Matrix off(m, n, x);
            for (std::size_t i = 0; i < m; ++i)
              for (std::size_t j = 0; j < n; ++j) off(i, j) -= std::sin(static_cast<double>(i + 2 * j + 1));
            const Matrix residual = a * off * b;
            double f = 0;
            for (const double r : residual.at_) f += r * r;
            const Matrix gradient = transposed(a) * residual * transposed(b);
            for (std::size_t i = 0; i < m * n; ++i) g[i] = 2 * gradient.at_[i];
            return f;
          }};
}

TEST(Soap, TakesTheStepsOfItsPlainTwin) {
  constexpr std::size_t m = 3, n = 5, vector = 3;
  const ParameterLayout layout = layout_of(m, n);
  OptimizerOptions options = soap_options("soap", 0.03);
  options.precondition_frequency = 3;
  options.shampoo_beta = 0.8;
  options.epsilon = 0.1;  // beside numbers of the rotated gradient that are zero but for rounding
  Soap soap(options, layout, 100, nullptr);
  Adam adam(options, layout, 100);
  reference::Soap twin(m, n);
  twin.rate = 0.03, twin.frequency = 3, twin.b = 0.8, twin.epsilon = 0.1;
  auto objective = testing::rosenbrock(layout.size);
  std::vector<double> x(static_cast<std::size_t>(layout.size), -0.4), beside = x, gradient = x;
  Matrix weights(m, n, x.data() + vector);
  for (int step = 0; step < 20; ++step) {
    objective.evaluate(x.data(), gradient.data());
    const Matrix g(m, n, gradient.data() + vector);
    // Adam at the same gradient, for the others.
    testing::FunctionObjective fixed(layout.size, [&](const double*, double* out) {
      std::copy(gradient.begin(), gradient.end(), out);
      return 1.0;
    });
    adam.step(fixed, beside.data());
    soap.step(objective, x.data());
    if (step == 0) {
      const StateValues values = capture(soap.state());
      const auto& bases = std::get<std::vector<double>>(values.at("bases"));
      twin.ql = Matrix(m, m, bases.data());
      twin.qr = Matrix(n, n, bases.data() + m * m);
    }
    twin.step(g, weights);
    for (std::size_t i = 0; i < m * n; ++i)  // roundings of a step, which a small second moment magnifies
      ASSERT_NEAR(x[vector + i], weights.at_[i], 1e-9) << "step " << step << ", weight " << i;
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}, std::size_t{2}, vector + m * n})
      ASSERT_NEAR(x[i], beside[i], 1e-13) << "step " << step << ", number " << i;
  }
}

TEST(Soap, IsAdamWhereNoMatrixHasABasis) {
  for (const bool limited : {false, true}) {
    OptimizerOptions options = soap_options("soap", 0.03);
    options.precondition_limit = limited ? 3 : 1024;
    const ParameterLayout layout = limited ? layout_of(4, 5) : ParameterLayout::of_size(24);
    Soap soap(options, layout, 100, nullptr);
    Adam adam(options, layout, 100);
    auto objective = testing::rosenbrock(24);
    std::vector<double> x(24, -0.4), y = x;
    for (int step = 0; step < 20; ++step) {
      const StepReport a = soap.step(objective, x.data()), b = adam.step(objective, y.data());
      EXPECT_NEAR(a.loss, b.loss, 1e-12 * b.loss);
      for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(x[i], y[i], 1e-13);
    }
  }
}

// In the basis the valley lies along axes, and Adam's step is a good one.
TEST(Soap, GoesDownAValleyThatIsTurnedWhereAdamDoesNot) {
  constexpr std::size_t m = 12, n = 8;
  const ParameterLayout layout({{"weight", m, n, 0}});
  double reached[2] = {};
  for (const char* kind : {"adam", "soap"}) {
    OptimizerOptions options = soap_options(kind, 0.3);
    options.learning_rate.kind = "cosine";
    const auto optimizer = make_optimizer(options, layout, 600);
    auto objective = valley(m, n, 30);
    std::vector<double> x(m * n);
    for (int step = 0; step < 600; ++step) reached[kind[0] == 's'] = optimizer->step(objective, x.data()).loss;
  }
  EXPECT_LT(reached[1], 0.2 * reached[0]);
}

TEST(Soap, AStepThatIsNotFiniteLeavesEverything) {
  const ParameterLayout layout = layout_of(2, 4);
  Soap soap(soap_options("soap", 0.1), layout, 10, nullptr), other(soap_options("soap", 0.1), layout, 10, nullptr);
  testing::FunctionObjective broken(12, [](const double*, double* g) {
    std::fill(g, g + 12, std::numeric_limits<double>::infinity());
    return 1.0;
  });
  auto objective = testing::rosenbrock(12);
  std::vector<double> x(12, -0.4), y = x;
  for (const bool first : {true, false}) {
    const std::vector<double> before = x;
    EXPECT_TRUE(soap.step(broken, x.data()).skipped) << first;
    EXPECT_EQ(x, before);
    soap.step(objective, x.data());
    other.step(objective, y.data());
    EXPECT_EQ(x, y);
  }
}

TEST(Soap, DecaysWeightsOnlyWhereToldTo) {
  const auto first_step = [](std::optional<double> decay) {
    OptimizerOptions options = soap_options("soap", 0.1);
    options.weight_decay = decay;
    const auto soap = make_optimizer(options, layout_of(2, 4), 10);
    auto objective = testing::rosenbrock(12);
    std::vector<double> x(12, -0.4);
    soap->step(objective, x.data());
    return x;
  };
  const std::vector<double> none = first_step({}), some = first_step(0.5);
  EXPECT_EQ(none, first_step(0.0));
  for (std::size_t i = 0; i < 11; ++i) EXPECT_NEAR(some[i], none[i] + 0.1 * 0.5 * 0.4, 1e-15) << i;
  EXPECT_EQ(some[11], none[11]) << "a number of the expressions";
}

TEST(Soap, ARestartForgetsTheBasis) {
  const ParameterLayout layout({{"weight", 3, 4, 0}});
  OptimizerOptions options = soap_options("soap", 0.1);
  options.precondition_frequency = 2;
  Soap worked(options, layout, 10, nullptr), fresh(options, layout, 10, nullptr);
  auto objective = testing::rosenbrock(12);
  std::vector<double> x(12, -0.4);
  for (int step = 0; step < 5; ++step) worked.step(objective, x.data());
  worked.restart(1);
  std::vector<double> y = x;
  for (int step = 0; step < 5; ++step) {
    worked.step(objective, x.data());
    fresh.step(objective, y.data());
    ASSERT_EQ(x, y) << step;
  }
}

}  // namespace
}  // namespace jetpinn
