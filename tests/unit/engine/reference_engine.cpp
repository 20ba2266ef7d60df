#include "jetpinn/engine/reference_engine.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/exact_sum.hpp"
#include "support/engine_case.hpp"
#include "support/jacobian.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>

namespace jetpinn {
namespace {

using test::CaseText;
using test::EngineCase;
using test::make_case;

constexpr double reference_epsilon = std::numeric_limits<double>::epsilon();

std::unique_ptr<Engine> reference(const EngineCase& problem, EngineOptions options = {}) {
  options.kind = EngineKind::reference;
  return make_reference_engine(options, problem.network, problem.terms);
}

std::vector<double> residuals_of(Engine& engine, const EngineCase& problem, const std::vector<double>& parameters,
                                 int term = 0) {
  const TermPoints& points = problem.points.terms[static_cast<std::size_t>(term)];
  std::vector<double> residuals(problem.terms[static_cast<std::size_t>(term)].residuals.size() *
                                static_cast<std::size_t>(points.local_count));
  engine.residuals(Stream{}, parameters.data(), term, points, residuals.data());
  return residuals;
}

TEST(ReferenceEngine, EvaluatesTheFunctionsOfTheLanguage) {
  const std::vector<std::pair<std::string, std::function<double(double, double)>>> functions = {
      {"sin(u)", [](double u, double) { return std::sin(u); }},
      {"cos(u) - tan(u)", [](double u, double) { return std::cos(u) - std::tan(u); }},
      {"asin(u/9) + acos(u/9) * atan(u)",
       [](double u, double) { return std::asin(u / 9) + std::acos(u / 9) * std::atan(u); }},
      {"atan2(u, x + 2)", [](double u, double x) { return std::atan2(u, x + 2); }},
      {"sinh(u) + cosh(u) * tanh(u)", [](double u, double) { return std::sinh(u) + std::cosh(u) * std::tanh(u); }},
      {"exp(u) - log(u + 5)", [](double u, double) { return std::exp(u) - std::log(u + 5); }},
      {"sqrt(u + 5)", [](double u, double) { return std::sqrt(u + 5); }},
      {"abs(u) + sign(u) * x", [](double u, double x) { return std::abs(u) + (u > 0) * x - (u < 0) * x; }},
      {"min(u, x) - max(u, 2*x)", [](double u, double x) { return std::min(u, x) - std::max(u, 2 * x); }},
      {"(u + 5)^x + u^3", [](double u, double x) { return std::pow(u + 5, x) + u * u * u; }},
      {"step(u) - erf(u)", [](double u, double) { return (u >= 0) - std::erf(u); }},
      {"mod(u, 0.3)", [](double u, double) { return u - 0.3 * std::floor(u / 0.3); }},
      {"where(u < x && x > 0.1, u, -u / x)", [](double u, double x) { return u < x && x > 0.1 ? u : -u / x; }},
      {"where(u >= 0.2 || x <= 0, 1, u)", [](double u, double x) { return u >= 0.2 || x <= 0 ? 1 : u; }}};
  CaseText text;
  text.terms = {{"u"}};
  for (const auto& [expression, value] : functions) text.terms[0].push_back(expression);
  text.network.hidden = {8};
  text.points = 60;
  const EngineCase problem = make_case(text, false);
  const auto parameters = test::perturbed(problem);
  const auto values = residuals_of(*reference(problem), problem, parameters);
  for (std::size_t k = 0; k < functions.size(); ++k)
    for (std::size_t i = 0; i < 60; ++i) {
      const double u = values[i], x = problem.points.terms[0].coordinate(1)[i];
      const double expected = functions[k].second(u, x);
      EXPECT_NEAR(values[(k + 1) * 60 + i], expected, 20 * reference_epsilon * std::max(10.0, std::abs(expected)))
          << functions[k].first;
    }
}

CaseText burgers_system() {
  CaseText text;
  text.fields = {"u", "v"};
  text.terms = {{"u_t + u*u_x - 0.01*u_xx", "v_t + u*v_x - (0.02 + x^2)*v_xx"}, {"u + sin(pi*x) * v"}};
  text.network.hidden = {7, 6};
  text.points = 300;
  text.weight_columns = 1;
  return text;
}

TEST(ReferenceEngine, ChunksChangeNothingButRounding) {
  const EngineCase problem = make_case(burgers_system(), false);
  const auto parameters = test::perturbed(problem);
  EngineOptions options;
  options.chunk = 1000;
  const auto whole = test::evaluate(*reference(problem, options), problem, parameters);
  options.chunk = 37;
  const auto parts = test::evaluate(*reference(problem, options), problem, parameters);
  // 600 addends per entry
  EXPECT_LE(test::distance(whole.gradient, parts.gradient), 600 * reference_epsilon * test::norm(whole.gradient));
  EXPECT_NEAR(whole.loss, parts.loss, 600 * reference_epsilon * whole.loss);
}

TEST(ReferenceEngine, TransposedTimesTheResidualsIsTheGradientOfTheLoss) {
  CaseText text = burgers_system();
  text.weight_columns = 2;
  text.terms.pop_back();
  const EngineCase problem = make_case(text, false);
  const auto parameters = test::perturbed(problem);
  const auto engine = reference(problem);
  const auto direct = test::evaluate(*engine, problem, parameters);
  const TermPoints& points = problem.points.terms[0];
  std::vector<double> cotangents = residuals_of(*engine, problem, parameters);
  double weighted = 0, unweighted = 0;
  const auto n = static_cast<double>(points.global_count);
  for (std::size_t i = 0; i < cotangents.size(); ++i) {
    const double r = cotangents[i];
    weighted += points.weight[i] * r * r / n;
    unweighted += r * r / n;
    cotangents[i] *= 2 * points.weight[i] / n;
  }
  const auto gradient = test::transposed(*engine, parameters, 0, points, cotangents);
  EXPECT_LE(test::distance(gradient, direct.gradient), 600 * reference_epsilon * test::norm(gradient));
  EXPECT_NEAR(direct.sums.weighted[0], weighted, 600 * reference_epsilon * weighted);
  EXPECT_NEAR(direct.sums.unweighted[0], unweighted, 600 * reference_epsilon * unweighted);
}

TEST(ReferenceEngine, TimesIsAdjointToTransposed) {
  const EngineCase problem = make_case(burgers_system(), false);
  const auto parameters = test::perturbed(problem);
  const auto engine = reference(problem);
  const TermPoints& points = problem.points.terms[0];
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  std::vector<double> direction(parameters.size()), cotangents(2 * static_cast<std::size_t>(points.local_count));
  for (double& v : direction) v = normal(random);
  for (double& c : cotangents) c = normal(random);
  const auto tangents = test::times(*engine, parameters, 0, points, direction);
  const auto gradient = test::transposed(*engine, parameters, 0, points, cotangents);
  double forward = 0, backward = 0;
  for (std::size_t i = 0; i < tangents.size(); ++i) forward += tangents[i] * cotangents[i];
  for (std::size_t i = 0; i < gradient.size(); ++i) backward += gradient[i] * direction[i];
  EXPECT_NEAR(forward, backward, 600 * reference_epsilon * test::norm(tangents) * test::norm(cotangents));
}

TEST(ReferenceEngine, ExactSumsAreTheSumsAndKeepTheirBitsInAnyOrder) {
  const EngineCase problem = make_case(burgers_system(), false);
  const auto parameters = test::perturbed(problem);
  const auto engine = reference(problem);
  const auto usual = test::evaluate(*engine, problem, parameters);
  const std::int64_t entries = problem.network.parameters + 4;
  ExactSum together(entries), apart(entries);
  engine->loss_and_gradient_exact(Stream{}, parameters.data(), problem.points, together);
  for (std::size_t block : {1u, 0u}) {  // as two ranks would, each with one block of each term
    PointSet part = problem.points;
    for (TermPoints& points : part.terms) {
      const Block kept = points.blocks[block];
      const TermPoints all = points;
      points.blocks = {kept};
      points.local_count = kept.count;
      points.coordinates.clear();
      points.weight.clear();
      for (int d = 0; d < all.dimensions; ++d)
        points.coordinates.insert(points.coordinates.end(), all.coordinate(d) + kept.first,
                                  all.coordinate(d) + kept.first + kept.count);
      points.weight.assign(all.weight.begin() + kept.first, all.weight.begin() + kept.first + kept.count);
    }
    engine->loss_and_gradient_exact(Stream{}, parameters.data(), part, apart);
  }
  std::vector<double> gradient;
  for (std::int64_t i = 0; i < entries; ++i) {
    EXPECT_EQ(together.value(i), apart.value(i)) << i;
    if (i < problem.network.parameters) gradient.push_back(together.value(i));
  }
  EXPECT_LE(test::distance(gradient, usual.gradient), 600 * reference_epsilon * test::norm(gradient));
  for (std::int64_t t = 0; t < 2; ++t) {
    EXPECT_NEAR(together.value(problem.network.parameters + t), usual.sums.weighted[static_cast<std::size_t>(t)],
                600 * reference_epsilon * usual.loss);
    EXPECT_NEAR(together.value(problem.network.parameters + 2 + t), usual.sums.unweighted[static_cast<std::size_t>(t)],
                1e4 * reference_epsilon * usual.sums.unweighted[static_cast<std::size_t>(t)]);
  }
}

TEST(ReferenceEngine, SinglePrecisionFollowsDoubleToItsRounding) {
  const EngineCase problem = make_case(burgers_system(), false);
  const auto parameters = test::perturbed(problem);
  const auto engine = reference(problem);
  const auto fp64 = test::evaluate(*engine, problem, parameters);
  EngineOptions options;
  options.precision = Precision::fp32;
  const auto fp32 = test::evaluate(*reference(problem, options), problem, parameters);
  const double single = std::numeric_limits<float>::epsilon();
  const EngineCase compiled = make_case(burgers_system());
  const auto jets = make_engine(EngineOptions{}, compiled.network, compiled.terms);
  // some 100 roundings on the way of a point's gradient
  EXPECT_LE(test::distance(fp64.gradient, fp32.gradient),
            100 * single * test::sum_of_point_norms(*jets, compiled.points, parameters));
  // it really is another precision
  EXPECT_GT(test::distance(fp64.gradient, fp32.gradient), reference_epsilon * test::norm(fp64.gradient));
  EXPECT_NEAR(fp64.loss, fp32.loss, 100 * single * fp64.loss);
}

TEST(ReferenceEngine, ResidualsFreeOfParametersHaveNoGradient) {
  CaseText text;
  text.terms = {{"x - 0.5"}, {"2"}, {"d(u, x, x, x)*0 + 1"}};
  const EngineCase problem = make_case(text, false);
  const auto result = test::evaluate(*reference(problem), problem, problem.parameters);
  EXPECT_EQ(test::norm(result.gradient), 0);
  EXPECT_NEAR(result.sums.unweighted[1], 4, 40 * reference_epsilon);
  EXPECT_NEAR(result.sums.unweighted[2], 1, 40 * reference_epsilon);
  EXPECT_GT(result.sums.unweighted[0], 0);
}

TEST(ReferenceEngine, RefusesPrecisionsItDoesNotHave) {
  CaseText text;
  text.terms = {{"u"}};
  const EngineCase problem = make_case(text, false);
  EngineOptions options;
  options.precision = Precision::bf16;
  try {
    reference(problem, options);
    FAIL() << "bf16 was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage);
    EXPECT_NE(std::string(error.what()).find("bf16"), std::string::npos);
  }
}

}  // namespace
}  // namespace jetpinn
