// Networks whose derivatives are known exactly, through both engines.
#include "jetpinn/engine/engine.hpp"

#include "reference/activation.hpp"
#include "support/all_activations.hpp"
#include "support/engine_case.hpp"
#include "support/jacobian.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

using test::CaseText;
using test::EngineCase;
using test::make_case;

constexpr double derivative_epsilon = std::numeric_limits<double>::epsilon();

class ExactDerivatives : public ::testing::TestWithParam<EngineKind> {
 protected:
  std::unique_ptr<Engine> engine(const EngineCase& problem) {
    EngineOptions options;
    options.kind = GetParam();
    return make_engine(options, problem.network, problem.terms);
  }
  // [residual, point] of term 0
  std::vector<double> residuals(const EngineCase& problem, const std::vector<double>& parameters) {
    const TermPoints& points = problem.points.terms[0];
    std::vector<double> values(problem.terms[0].residuals.size() * static_cast<std::size_t>(points.local_count));
    engine(problem)->residuals(Stream{}, parameters.data(), 0, points, values.data());
    return values;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, ExactDerivatives, ::testing::Values(EngineKind::jets, EngineKind::reference),
                         [](const auto& info) { return std::string(to_string(info.param)); });

// One unit, u = c s(w f(x) + b), f the scaling of the coordinate: every derivative is known, and so is its slope in b.
TEST_P(ExactDerivatives, OfOneUnitAreThoseOfItsActivation) {
  for (Activation activation : test::all_activations()) {
    CaseText text;
    text.coordinates = {"x"};
    text.terms = {{"u", "u_x", "u_xx", "d(u, x, x, x)", "d(u, x, x, x, x)", "u_xxxxx", "d(u, x, x, x, x, x, x)"}};
    text.network.hidden = {1};
    text.network.activation = activation;
    const EngineCase problem = make_case(text);
    const double w = 2.5, b = 0.3, c = 0.7, shift = -0.2;
    const std::vector<double> parameters{w, b, c, shift};
    const auto values = residuals(problem, parameters);
    const auto differentiating = engine(problem);
    const TermPoints& points = problem.points.terms[0];
    const Feature& feature = problem.network.features[0];
    const double slope = w * feature.scale;
    const std::int64_t stride = GetParam() == EngineKind::jets ? 1 : 8;  // nested autograd is slow at the seventh order
    for (std::int64_t i = 0; i < points.local_count; i += stride) {
      const auto exact =
          reference::activation_derivatives(activation, w * feature.derivative(0, points.coordinate(0)[i]) + b);
      const std::vector<double> s(exact.begin(), exact.end());
      const PointSet one = test::single_point(problem.points, 0, i);
      for (std::size_t k = 0; k <= max_order; ++k) {
        // The k-th derivative of s has terms up to k! in size; 20 roundings on their way.
        const double tolerance = 20 * std::tgamma(k + 2.0) * derivative_epsilon * std::pow(slope, k);
        EXPECT_NEAR(values[k * 40 + static_cast<std::size_t>(i)], c * std::pow(slope, k) * s[k] + (k == 0 ? shift : 0),
                    tolerance)
            << to_string(activation) << " order " << k;
        std::vector<double> seed(max_order + 1);
        seed[k] = 1;
        const auto gradient = test::transposed(*differentiating, parameters, 0, one.terms[0], seed);
        EXPECT_NEAR(gradient[1], c * std::pow(slope, k) * s[k + 1], 5 * tolerance)
            << to_string(activation) << " slope of order " << k;
      }
    }
  }
}

// The sine of a linear function of three coordinates: mixed derivatives up to order 6.
TEST_P(ExactDerivatives, OfASineAreSines) {
  CaseText text;
  text.coordinates = {"t", "x", "y"};
  text.terms = {{"u_t", "u_tx", "d(u, y, x, x)", "d(u, t, x, y, y)", "laplacian(laplacian(u))",
                 "u_t - 0.5*u_xx + (1 + x^2)*d(u, y, y, y)", "d(u, t, x, x, x, y)", "d(u, t, t, x, x, y, y)",
                 "laplacian(laplacian(laplacian(u))) + y*u_x"}};
  text.network.hidden = {1};
  text.network.activation = Activation::sin;
  const EngineCase problem = make_case(text);
  const std::vector<double> parameters{1.1, -0.8, 0.6, 0.25, 1, 0};   // weights of t, x, y; bias; output weight and bias
  const auto values = residuals(problem, parameters);
  const TermPoints& points = problem.points.terms[0];
  const auto& f = problem.network.features;
  const double t = parameters[0] * f[0].scale, x = parameters[1] * f[1].scale, y = parameters[2] * f[2].scale;
  for (std::int64_t i = 0; i < points.local_count; ++i) {
    double z = parameters[3];
    for (std::size_t d = 0; d < 3; ++d) z += parameters[d] * f[d].derivative(0, points.coordinate(static_cast<int>(d))[i]);
    const double place = points.coordinate(1)[i];
    const double expected[] = {t * std::cos(z),
                               -t * x * std::sin(z),
                               -x * x * y * std::cos(z),
                               t * x * y * y * std::sin(z),
                               (x * x + y * y) * (x * x + y * y) * std::sin(z),
                               t * std::cos(z) + 0.5 * x * x * std::sin(z) - (1 + place * place) * y * y * y * std::cos(z),
                               t * x * x * x * y * std::cos(z),
                               -t * t * x * x * y * y * std::sin(z),
                               points.coordinate(2)[i] * x * std::cos(z) - std::pow(x * x + y * y, 3) * std::sin(z)};
    for (std::size_t k = 0; k < 9; ++k)
      EXPECT_NEAR(values[k * 40 + static_cast<std::size_t>(i)], expected[k],
                  100 * derivative_epsilon * std::max(1.0, std::abs(expected[k])))
          << k;
  }
}

// A constant network under an output transform: u = c p(t, x), p a polynomial.
struct Polynomial {
  std::string text;
  std::vector<std::string> residuals;
  std::vector<double> (*expected)(double c, double t, double x);
};

TEST_P(ExactDerivatives, OfPolynomialsArePolynomials) {
  const Polynomial cases[] = {
      {"x^4*t - 2*x^2*t^3 + x",
       {"u", "u_x", "u_tx", "d(u, x, x, t)", "d(u, x, x, x, x)", "d(u, t, t, x, x)", "u_x*u_t - u*u_xx"},
       [](double c, double t, double x) -> std::vector<double> {
         const double u = c * (x * x * x * x * t - 2 * x * x * t * t * t + x),
                      u_x = c * (4 * x * x * x * t - 4 * x * t * t * t + 1);
         const double u_t = c * (x * x * x * x - 6 * x * x * t * t), u_xx = c * (12 * x * x * t - 4 * t * t * t);
         return {u, u_x, c * (4 * x * x * x - 12 * x * t * t), c * (12 * x * x - 12 * t * t), c * 24 * t, c * -24 * t,
                 u_x * u_t - u * u_xx};
       }},
      {"x^4*t^2/24 - x^6/720",
       {"d(u, x, x, x, x, x)", "d(u, x, x, x, x, x, x)", "d(u, t, t, x, x, x, x)", "d(u, t, x, x, x, x) - u_xxxxxx*x"},
       [](double c, double t, double x) -> std::vector<double> { return {-c * x, -c, 2 * c, c * (2 * t + x)}; }}};
  for (const Polynomial& polynomial : cases) {
    CaseText text;
    text.terms = {polynomial.residuals};
    text.output = {{"u", "(" + polynomial.text + ")*u"}};
    text.network.hidden = {5, 4};
    const EngineCase problem = make_case(text);
    std::vector<double> parameters(static_cast<std::size_t>(problem.network.parameters));
    const double c = parameters.back() = 1.75;
    const auto values = residuals(problem, parameters);
    const TermPoints& points = problem.points.terms[0];
    for (std::int64_t i = 0; i < points.local_count; ++i) {
      const std::vector<double> expected = polynomial.expected(c, points.coordinate(0)[i], points.coordinate(1)[i]);
      for (std::size_t k = 0; k < expected.size(); ++k)
        // Sums of a few terms up to 60 in size.
        EXPECT_NEAR(values[k * 40 + static_cast<std::size_t>(i)], expected[k], 60 * 10 * derivative_epsilon)
            << polynomial.residuals[k];
    }
  }
}

}  // namespace
}  // namespace jetpinn
