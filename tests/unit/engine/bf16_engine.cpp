// The engine with rows of jets in bf16 against that of fp64.
#include "jetpinn/base/bfloat16.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/runtime/bf16_kernels.hpp"
#include "support/engine_case.hpp"
#include "support/jacobian.hpp"
#include "support/network_cases.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>

namespace jetpinn {
namespace {

std::unique_ptr<Engine> bf16_engine(const test::EngineCase& problem, const std::string& products = "portable",
                                    std::int64_t chunk = 0) {
  EngineOptions options;
  options.precision = Precision::bf16;
  options.product_backend = products;
  options.chunk = chunk;
  return make_engine(options, problem.network, problem.terms);
}

std::unique_ptr<Engine> exact_engine(const test::EngineCase& problem) {
  EngineOptions options;
  options.product_backend = "libxsmm";
  return make_engine(options, problem.network, problem.terms);
}

// Each layer rounds its output's jets and, in reverse, their adjoints and what it computes again: three roundings of half a
// bfloat16_epsilon, and one of weights. They meet in derivatives of order n in n + 1 factors.
double relative_bound(const test::EngineCase& problem) {
  double layers = 0, order = 0;
  for (const Layer& layer : problem.network.layers) layers += layer.kind != "output";
  for (const EngineTerm& term : problem.terms)
    for (const Channel& channel : term.program.plan.channels)
      for (const ChannelPart& part : channel.parts) order = std::max(order, static_cast<double>(part.derivative.order));
  return 4 * layers * (order + 1) * bfloat16_epsilon / 2;
}

// The gradient's own measure of rounding is the sum of its points' norms, in which no point cancels another.
TEST(Bf16Engine, IsThatOfFp64ToRounding) {
  for (const test::NamedText& entry : test::network_texts()) {
    SCOPED_TRACE(entry.name);
    const test::EngineCase problem = test::make_case(entry.text);
    const auto exact = exact_engine(problem);
    const auto rounded = bf16_engine(problem);
    EXPECT_EQ(rounded->precision(), Precision::bf16);
    const auto expected = test::evaluate(*exact, problem, problem.parameters),
               actual = test::evaluate(*rounded, problem, problem.parameters);
    const double scale = test::sum_of_point_norms(*exact, problem.points, problem.parameters),
                 bound = relative_bound(problem);
    EXPECT_LE(test::distance(actual.gradient, expected.gradient), bound * scale);
    EXPECT_GT(test::distance(actual.gradient, expected.gradient), 1e-6 * scale) << "rows were rounded";
  }
}

test::EngineCase burgers_case(std::vector<std::int64_t> hidden, std::int64_t points) {
  test::CaseText text;
  text.terms = {{"u_t + u*u_x - 0.01*u_xx"}, {"u + sin(pi*x)"}};
  text.network.hidden = std::move(hidden);
  text.points = points;
  return test::make_case(text);
}

// Products are exact in any order, and all else is the same code.
TEST(Bf16Engine, HasTheSameBitsOnEveryProcessor) {
  if (!why_no_bf16().empty()) GTEST_SKIP() << why_no_bf16();
  const test::EngineCase problem = burgers_case({40, 33, 130}, 300);
  const auto one = test::evaluate(*bf16_engine(problem), problem, problem.parameters),
             other = test::evaluate(*bf16_engine(problem, "auto"), problem, problem.parameters);
  EXPECT_EQ(one.gradient, other.gradient);
  EXPECT_EQ(one.sums.weighted, other.sums.weighted);
}

// What no rounding depends on: losses are those of any chunk, bit for bit; gradients share exponents within a chunk.
TEST(Bf16Engine, GivesTheLossOfAnyChunk) {
  const test::EngineCase problem = burgers_case({24, 24}, 200);
  const auto expected = test::evaluate(*bf16_engine(problem), problem, problem.parameters);
  const auto exact = exact_engine(problem);
  const double scale = test::sum_of_point_norms(*exact, problem.points, problem.parameters);
  for (const std::int64_t chunk : {8, 64, 256}) {
    const auto actual = test::evaluate(*bf16_engine(problem, "portable", chunk), problem, problem.parameters);
    for (std::size_t t = 0; t < 2; ++t)
      EXPECT_NEAR(actual.sums.unweighted[t], expected.sums.unweighted[t], 1e-6 * expected.loss);
    EXPECT_LE(test::distance(actual.gradient, expected.gradient), relative_bound(problem) * scale);
  }
}

// Balancing and standard errors ask for linearisations: they are those of fp32, which bf16 does not change.
TEST(Bf16Engine, LinearisesInFp32) {
  const test::EngineCase problem = burgers_case({16, 16}, 40);
  EngineOptions single;
  single.precision = Precision::fp32;
  single.product_backend = "libxsmm";
  const auto fp32 = make_engine(single, problem.network, problem.terms), bf16 = bf16_engine(problem);
  const TermPoints& points = problem.points.terms[0];
  std::vector<double> weights(static_cast<std::size_t>(points.local_count), 1.0);
  EXPECT_EQ(test::transposed(*bf16, problem.parameters, 0, points, weights),
            test::transposed(*fp32, problem.parameters, 0, points, weights));
}

TEST(Bf16Engine, PassesOnWhatIsNotFinite) {
  const test::EngineCase problem = burgers_case({16, 16}, 40);
  for (std::size_t at : {std::size_t{3}, std::size_t{60}}) {  // in the first layer, in the matrix
    auto parameters = problem.parameters;
    parameters[at] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_TRUE(std::isnan(test::evaluate(*bf16_engine(problem), problem, parameters).loss));
  }
}

}  // namespace
}  // namespace jetpinn
