// Gradient checkpointing: layers that are recomputed in the reverse sweep change memory and work, and no bit.
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/engine/engine_memory.hpp"
#include "jetpinn/engine/jets_engine.hpp"
#include "jetpinn/layer/recompute_plan.hpp"
#include "support/network_cases.hpp"
#include "support/recompute_plans.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using test::CaseText;
using test::EngineCase;

std::unique_ptr<Engine> engine_that_recomputes(const EngineCase& problem, const RecomputedLayers& recomputed,
                                               Precision precision = Precision::fp64, const std::string& device = "cpu") {
  EngineOptions options;
  options.product_backend = "libxsmm";
  options.precision = precision;
  options.device = device;
  options.recomputed = recomputed;
  return make_jets_engine(options, problem.network, problem.terms);
}

// All plans of a network's segments, and all of rising work.
std::vector<RecomputedLayers> plans_to_compare(const Network& network) {
  std::vector<RecomputedLayers> plans = test::recompute_plans(network);
  for (int segments = 2; segments <= static_cast<int>(hidden_layers(network).size()); ++segments)
    plans.push_back(plan_segments(network, segments));
  return plans;
}

void expect_the_same_bits(const EngineCase& problem, const std::vector<RecomputedLayers>& plans, Precision precision,
                          const std::string& device) {
  const std::vector<double> parameters = test::perturbed(problem);
  const auto kept = test::evaluate(*engine_that_recomputes(problem, {}, precision, device), problem, parameters);
  ASSERT_GT(test::norm(kept.gradient), 0);
  for (const RecomputedLayers& plan : plans) {
    const auto engine = engine_that_recomputes(problem, plan, precision, device);
    for (int evaluation = 0; evaluation < 2; ++evaluation) {  // the second one finds what the first one left
      const auto result = test::evaluate(*engine, problem, parameters);
      ASSERT_EQ(result.loss, kept.loss) << device << ", plan of " << plan.size() << " ranges";
      ASSERT_EQ(result.gradient, kept.gradient) << device << ", plan of " << plan.size() << " ranges";
    }
  }
}

class RecomputedNetworks : public ::testing::TestWithParam<test::NamedText> {};

TEST_P(RecomputedNetworks, GiveTheBitsOfThoseThatAreKept) {
  const EngineCase problem = test::make_case(GetParam().text);
  const std::vector<RecomputedLayers> plans = plans_to_compare(problem.network);
  for (const Precision precision : {Precision::fp64, Precision::fp32})
    expect_the_same_bits(problem, plans, precision, "cpu");
  const std::size_t least = test::recompute_plans(problem.network).size() - 1;
  expect_the_same_bits(problem, {plans[least], plans.back()}, Precision::fp64, "emulated");
}

INSTANTIATE_TEST_SUITE_P(Networks, RecomputedNetworks, ::testing::ValuesIn(test::network_texts()),
                         [](const auto& info) { return info.param.name; });

CaseText deep(std::vector<std::int64_t> hidden, std::int64_t points) {
  CaseText text;
  text.terms = {{"u_t + u*u_x - 0.01*u_xx"}, {"u + sin(pi*x)"}};
  text.network.hidden = std::move(hidden);
  text.points = points;
  text.weight_columns = 1;
  return text;
}

// Several chunks of several tiles, and layers of different widths.
TEST(RecomputedLayers, GiveTheSameBitsOverManyTiles) {
  const EngineCase problem = test::make_case(deep({43, 20, 33, 43, 20, 33}, 600));
  for (const char* device : {"cpu", "emulated"})
    for (const Precision precision : {Precision::fp64, Precision::fp32})
      expect_the_same_bits(problem, plans_to_compare(problem.network), precision, device);
}

// Two networks, of which a term reads one or both.
TEST(RecomputedLayers, GiveTheSameBitsInSeveralNetworks) {
  CaseText text;
  text.fields = {"u", "v"};
  text.terms = {{"u_t - u_xx"}, {"v - u*x"}, {"v_x - 1"}};
  NetworkOptions first, second;
  first.hidden = {9, 9, 9};
  second.kind = "piratenet";
  second.hidden = {7, 7};
  text.members = {{first, "first", {0}}, {second, "second", {1}}};
  const EngineCase problem = test::make_case(text);
  expect_the_same_bits(problem, plans_to_compare(problem.network), Precision::fp64, "cpu");
}

// Level `ranks`: every block is summed exactly.
TEST(RecomputedLayers, GiveTheSameExactSums) {
  const EngineCase problem = test::make_case(deep({20, 20, 20, 20, 20}, 700));
  const std::vector<double> parameters = test::perturbed(problem);
  const std::int64_t size = problem.network.parameters + 4;
  std::vector<std::vector<double>> sums;
  for (const RecomputedLayers& plan : {RecomputedLayers(), plan_segments(problem.network, 3)}) {
    ExactSum sum(size);
    engine_that_recomputes(problem, plan)->loss_and_gradient_exact(Stream{}, parameters.data(), problem.points, sum);
    sums.emplace_back();
    for (std::int64_t i = 0; i < size; ++i) sums.back().push_back(sum.value(i));
  }
  EXPECT_EQ(sums[0], sums[1]);
}

// Entries of the gradient that somebody is told are final stay as they are.
TEST(RecomputedLayers, TellOfFinalEntries) {
  const EngineCase problem = test::make_case(deep({20, 20, 20, 20, 20}, 600));
  const std::vector<double> parameters = test::perturbed(problem);
  const auto kept = test::evaluate(*engine_that_recomputes(problem, {}), problem, parameters);
  const auto engine = engine_that_recomputes(problem, plan_segments(problem.network, 3));
  std::vector<double> gradient(parameters.size()), told(parameters.size());
  std::int64_t from = problem.network.parameters;
  TermSums sums;
  engine->when_ready([&](std::int64_t first) {
    EXPECT_LE(first, from);
    for (; from > first; --from) told[static_cast<std::size_t>(from - 1)] = gradient[static_cast<std::size_t>(from - 1)];
  });
  engine->loss_and_gradient(Stream{}, parameters.data(), problem.points, gradient.data(), sums);
  EXPECT_LE(from, problem.network.parts[1].begin) << "down to the second layer";
  for (auto i = static_cast<std::size_t>(from); i < told.size(); ++i) EXPECT_EQ(told[i], gradient[i]) << i;
  EXPECT_EQ(test::norm(kept.gradient) > 0, true);
  engine->when_ready({});
  EXPECT_EQ(test::evaluate(*engine, problem, parameters).gradient, kept.gradient);
}

// A linearisation keeps all in buffers of its own.
TEST(RecomputedLayers, LeaveLinearisationsAlone) {
  const EngineCase problem = test::make_case(deep({12, 12, 12, 12}, 40));
  const std::vector<double> parameters = test::perturbed(problem);
  std::vector<std::vector<double>> products;
  for (const RecomputedLayers& plan : {RecomputedLayers(), plan_segments(problem.network, 3)}) {
    products.emplace_back(parameters.size());
    engine_that_recomputes(problem, plan)
        ->linearize(Stream{}, parameters.data(), 0, problem.points.terms[0], [&](Linearization& chunk) {
          const std::vector<double> ones(static_cast<std::size_t>(chunk.range().points), 1.0);
          chunk.transposed(ones.data(), chunk.range().points, products.back().data());
          chunk.transposed(ones.data(), chunk.range().points, products.back().data());
        });
  }
  EXPECT_GT(test::norm(products[0]), 0);
  EXPECT_EQ(products[0], products[1]);
}

// The pool gives out what is planned, down to less than three fifths of the memory of jets; the chunk, which decides the
// order of sums, stays.
TEST(RecomputedLayers, TakeTheMemoryThatIsPlanned) {
  const EngineCase problem = test::make_case(deep(std::vector<std::int64_t>(12, 64), 40));
  for (const Precision precision : {Precision::fp64, Precision::fp32}) {
    const EngineMemory kept = plan_engine_memory(EngineKind::jets, precision, problem.network, problem.terms);
    std::int64_t last = kept.channels;
    for (const RecomputedLayers& plan : test::recompute_plans(problem.network)) {
      const EngineMemory memory = plan_engine_memory(EngineKind::jets, precision, problem.network, problem.terms, plan);
      const auto engine = engine_that_recomputes(problem, plan, precision);
      EXPECT_EQ(engine->pool_bytes(), memory.total());
      EXPECT_EQ(engine->pool_unused(), 0);
      EXPECT_EQ(memory.chunk, kept.chunk);
      EXPECT_EQ(engine->chunk(), kept.chunk);
      EXPECT_EQ(memory.weights, kept.weights);
      EXPECT_EQ(memory.columns, kept.columns);
      EXPECT_LE(memory.channels, last);
      last = memory.channels;
    }
    EXPECT_LT(5 * last, 3 * kept.channels);
  }
}

// Of 2-16-16-16-1 in three segments the first two layers are recomputed, of which one has a matrix between hidden layers: a
// product more, beside the three of each matrix.
TEST(RecomputedLayers, CountTheirWorkOnce) {
  CaseText text;
  text.terms = {{"u - x"}};
  text.network.hidden = {16, 16, 16};
  const EngineCase problem = test::make_case(text);
  const RecomputedLayers plan = plan_segments(problem.network, 3);
  const auto kept = engine_that_recomputes(problem, {}), engine = engine_that_recomputes(problem, plan);
  for (Engine* e : {kept.get(), engine.get()}) test::evaluate(*e, problem, problem.parameters);
  EXPECT_EQ(kept->work().product.flop, 6 * 2 * 256 * 40.0);
  EXPECT_EQ(engine->work().product.flop, (6 * 2 * 256 + 2 * 256) * 40.0);
  EXPECT_EQ(cost_model(problem.network, problem.terms, plan).flop_per_point[0] * 40, engine->work().product.flop);
  // A first layer, with a multiply-add for each of two coordinates, and two activations: bias, tanh and its slope.
  EXPECT_EQ(engine->work().activation.flop - kept->work().activation.flop,
            40 * (16 * 4 + 2 * 16 * (1 + 34 + 2)) + 2 * 2 * 16);
  EXPECT_EQ(engine->work().tape.flop, kept->work().tape.flop);
}

}  // namespace
}  // namespace jetpinn
