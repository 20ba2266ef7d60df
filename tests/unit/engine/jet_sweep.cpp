#include "jetpinn/engine/jet_sweep.hpp"

#include "jetpinn/engine/jets_engine.hpp"
#include "support/engine_case.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace jetpinn {
namespace {

constexpr double points = 40;   // one chunk, one tile

std::unique_ptr<Engine> engine_of(const test::EngineCase& problem, Precision precision) {
  EngineOptions options;
  options.precision = precision;
  options.product_backend = "libtorch";
  return make_jets_engine(options, problem.network, problem.terms);
}

// u - x on 2-16-16-1 with tanh: one channel, so that every number can be counted by hand.
test::EngineCase value_case() {
  test::CaseText text;
  text.terms = {{"u - x"}};
  text.network.hidden = {16, 16};
  return test::make_case(text);
}

TEST(JetSweepWork, IsWhatAHandCounts) {
  const test::EngineCase problem = value_case();
  const auto engine = engine_of(problem, Precision::fp64);
  TermSums sums;
  std::vector<double> gradient(problem.parameters.size());
  engine->loss_and_gradient(Stream{}, problem.parameters.data(), problem.points, gradient.data(), sums);
  const EngineWork work = engine->work();

  // One matrix of 16 x 16, three products; bytes: two operands of 16 values each, the matrix once a
  // tile or chunk, the gradient twice.
  EXPECT_EQ(work.product.flop, 6 * 256 * points);
  EXPECT_EQ(work.product.bytes, 8 * (3 * 32 * points + 4 * 256));
  EXPECT_EQ(engine->product_flop(), work.product.flop);

  // Units of both layers: bias, tanh (34) and s' forward, s', s'', product and bias in reverse. First layer: a
  // multiply-add for each coordinate, forward and for its gradient; last layer: one forward, two in reverse. Once a tile:
  // the part that no point changes.
  const double units = 2 * 16 * ((1 + 34 + 2) + (4 + 1 + 1)), first = 16 * (4 + 4), last = 16 * (2 + 4);
  EXPECT_EQ(work.activation.flop, points * (units + first + last) + 2 * 2 * 16);
  // Jets: 1 + 2 values forward; in reverse 2 + 2 where h is computed again, 2 + 1 in the last layer. Ends of the
  // network: z, h and the output, two coordinates; in reverse h and its adjoint, the output's adjoint, the
  // adjoint of z for both coordinates.
  const double jets = 16 * (3 + 3 + 4 + 3), ends = (16 + 16 + 1 + 2) + (2 * 16 + 1 + 2 * 16);
  EXPECT_EQ(work.activation.bytes, 8 * (points * (jets + ends) + 3 * 2 * 16));

  // A subtraction, its adjoint, the square; columns t, x, u and the adjoint of u.
  EXPECT_EQ(work.tape.flop, points * (1 + 1 + 8));
  EXPECT_EQ(work.tape.bytes, 8 * points * (3 + 1));
}

TEST(JetSweepWork, GrowsWithEveryEvaluationAndHalvesItsBytesInFp32) {
  const test::EngineCase problem = value_case();
  const auto fp64 = engine_of(problem, Precision::fp64), fp32 = engine_of(problem, Precision::fp32);
  TermSums sums;
  std::vector<double> gradient(problem.parameters.size());
  for (Engine* engine : {fp64.get(), fp32.get(), fp32.get()})
    engine->loss_and_gradient(Stream{}, problem.parameters.data(), problem.points, gradient.data(), sums);
  EXPECT_EQ(fp32->work().product.flop, 2 * fp64->work().product.flop);
  EXPECT_EQ(fp32->work().product.bytes, fp64->work().product.bytes);
  EXPECT_EQ(fp32->work().tape.bytes, fp64->work().tape.bytes);
}

// Forward alone is a third of the products.
TEST(JetSweepWork, ResidualsCountTheForwardSweep) {
  const test::EngineCase problem = value_case();
  const auto engine = engine_of(problem, Precision::fp64);
  std::vector<double> residuals(static_cast<std::size_t>(points));
  engine->residuals(Stream{}, problem.parameters.data(), 0, problem.points.terms[0], residuals.data());
  EXPECT_EQ(engine->work().product.flop, 2 * 256 * points);
  EXPECT_EQ(engine->work().tape.flop, points);
}

}  // namespace
}  // namespace jetpinn
