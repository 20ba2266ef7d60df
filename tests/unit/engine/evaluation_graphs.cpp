// Evaluations of the jets engine that are replayed as graphs against the same given kernel by kernel, on the emulated
// device: the same bits, whatever of what the host decides changes between two of them.
#include "jetpinn/engine/evaluation_graphs.hpp"

#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/kernels/launch.hpp"
#include "support/group_case.hpp"
#include "support/network_cases.hpp"
#include "support/on_device.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using test::EngineCase;

// An engine with graphs and one without, each on a device of its own.
class GraphPair {
 public:
  GraphPair(const EngineCase& problem, Precision precision = Precision::fp64, std::int64_t chunk = 0) : problem_(problem) {
    EngineOptions options;
    options.device = "emulated";
    options.precision = precision;
    options.chunk = chunk;
    options.product_backend = "libxsmm";
    graphs = make_engine(options, problem.network, problem.terms);
    options.graphs = false;
    kernels = make_engine(options, problem.network, problem.terms);
  }
  void set_constants(const std::vector<double>& values) const {
    for (Engine* engine : {graphs.get(), kernels.get()}) engine->set_constants(values);
  }
  // Loss, gradient, work and what was copied.
  void expect_same(const std::vector<double>& parameters) const {
    const auto copied = [](Engine& engine) { return queue_of(engine.device_stream()).copied; };
    const CopiedBytes left = copied(*graphs), right = copied(*kernels);
    const auto actual = test::evaluate(*graphs, problem_, parameters),
               expected = test::evaluate(*kernels, problem_, parameters);
    EXPECT_EQ(actual.gradient, expected.gradient);
    EXPECT_EQ(actual.sums.weighted, expected.sums.weighted);
    EXPECT_EQ(actual.sums.unweighted, expected.sums.unweighted);
    EXPECT_EQ(copied(*graphs).to_device - left.to_device, copied(*kernels).to_device - right.to_device);
    EXPECT_EQ(copied(*graphs).to_host - left.to_host, copied(*kernels).to_host - right.to_host);
    EXPECT_NEAR(graphs->product_flop(), kernels->product_flop(), 1e-12 * kernels->product_flop());
    EXPECT_NEAR(graphs->work().tape.bytes, kernels->work().tape.bytes, 1e-12 * kernels->work().tape.bytes);
  }
  void expect_counts(std::int64_t eager, std::int64_t captured, std::int64_t replayed) const {
    const GraphCounts counts = graphs->graphs();
    EXPECT_EQ(counts.eager, eager) << counts.reason;
    EXPECT_EQ(counts.captured, captured) << counts.reason;
    EXPECT_EQ(counts.replayed, replayed) << counts.reason;
  }

  std::unique_ptr<Engine> graphs, kernels;

 private:
  const EngineCase& problem_;
};

std::vector<double> moved(std::vector<double> parameters, double by) {
  for (double& parameter : parameters) parameter += by;
  return parameters;
}

// A graph is recorded at all only where the host neither waits inside an evaluation nor takes memory of the device.
TEST(EvaluationGraphs, OfEveryNetworkGiveTheBitsOfKernels) {
  for (const test::NamedText& entry : test::network_texts()) {
    SCOPED_TRACE(entry.name);
    const EngineCase problem = test::make_case(entry.text);
    const auto parameters = test::perturbed(problem);
    for (const Precision precision : {Precision::fp64, Precision::fp32}) {
      const GraphPair pair(problem, precision);
      for (int step = 0; step < 4; ++step) pair.expect_same(moved(parameters, 0.01 * step));
      pair.expect_counts(1, 1, 2);
      EXPECT_EQ(pair.graphs->graphs().reason, "");
    }
  }
}

// Everything that the host puts into an evaluation: trained numbers, constants of a stage, places and columns of points,
// weights of points and of terms.
TEST(EvaluationGraphs, TakeWhatTheHostChanges) {
  for (const test::GroupText& text : test::group_texts()) {
    SCOPED_TRACE(text.name);
    EngineCase problem = test::make_group_case(text);
    const auto parameters = test::perturbed(problem, 1.2, 0.2);
    const GraphPair pair(problem, Precision::fp64, 16);  // chunks that end inside the points
    std::vector<double> constants = test::stage_constants(text.groups.constants);
    for (int step = 0; step < 5; ++step) {
      pair.set_constants(constants);
      pair.expect_same(moved(parameters, 0.01 * step));
      constants = moved(constants, 0.1);
      for (TermPoints& points : problem.points.terms) {
        for (std::vector<double> TermPoints::*column : {&TermPoints::coordinates, &TermPoints::second, &TermPoints::data,
                                                        &TermPoints::attributes, &TermPoints::weight})
          for (double& value : points.*column) value *= 0.99;
        points.term_weight = 1 + 0.5 * step;
      }
    }
    pair.expect_counts(1, 1, 3);
  }
}

EngineCase of_blocks(std::int64_t points = 2 * block_points + 17) {
  test::CaseText text;
  text.terms = {{"u_t + u*u_x - 0.01*u_xx"}, {"u + sin(pi*x)"}};
  text.network.hidden = {9, 8};
  text.points = points;
  return test::make_case(text);
}

// Balanced weights and those of a quadrature, several chunks.
TEST(EvaluationGraphs, TakeBalancedWeights) {
  EngineCase problem = of_blocks();
  const auto parameters = test::perturbed(problem);
  const GraphPair pair(problem, Precision::fp32, block_points);
  for (TermPoints& points : problem.points.terms) {
    points.quadrature_columns = 1;
    points.quadrature.assign(static_cast<std::size_t>(points.local_count), 1.25);
    points.point_weight.assign(static_cast<std::size_t>(points.local_count), 2);
  }
  for (int step = 0; step < 4; ++step) {
    for (TermPoints& points : problem.points.terms)
      for (std::size_t i = 0; i < points.point_weight.size(); ++i)
        points.point_weight[i] += 0.1, points.quadrature[i] = 1 + 0.001 * static_cast<double>(i % 7 + step);
    pair.expect_same(parameters);
  }
  pair.expect_counts(1, 1, 2);
}

// Other points, weights that were none, terms that are left out: graphs of their own, and the old one serves again.
TEST(EvaluationGraphs, AreRecordedAnewWhereTheEvaluationIsAnother) {
  EngineCase problem = of_blocks();
  const auto parameters = test::perturbed(problem);
  const GraphPair pair(problem);
  const auto thrice = [&] {
    for (int step = 0; step < 3; ++step) pair.expect_same(parameters);
  };
  thrice();
  pair.expect_counts(1, 1, 1);
  problem.points.terms[0].term_weight = 2;
  thrice();
  pair.expect_counts(2, 2, 2);
  TermPoints& points = problem.points.terms[1];
  points = test::spread_points(2, 40, 1, 3);
  thrice();
  pair.expect_counts(3, 3, 3);
  points.global_count = 41;
  thrice();
  pair.expect_counts(4, 4, 4);
  for (Engine* engine : {pair.graphs.get(), pair.kernels.get()}) engine->leave_out({0});
  thrice();
  pair.expect_counts(5, 5, 5);
  for (Engine* engine : {pair.graphs.get(), pair.kernels.get()}) engine->leave_out({});
  thrice();
  pair.expect_counts(5, 5, 8);
}

// Level `ranks`, beside evaluations of the other level by the same engine.
TEST(EvaluationGraphs, OfExactSumsGiveTheSameDigits) {
  const EngineCase problem = of_blocks();
  const auto parameters = test::perturbed(problem);
  const std::int64_t entries = problem.network.parameters + 4;
  const GraphPair pair(problem, Precision::fp64, block_points);
  for (int step = 0; step < 4; ++step) {
    const auto now = moved(parameters, 0.01 * step);
    ExactSum actual(entries), expected(entries);
    pair.graphs->loss_and_gradient_exact({}, now.data(), problem.points, actual);
    pair.kernels->loss_and_gradient_exact({}, now.data(), problem.points, expected);
    EXPECT_EQ(actual.exchange(), expected.exchange());
    pair.expect_same(now);
  }
  pair.expect_counts(2, 2, 4);
}

TEST(EvaluationGraphs, AreNotMadeWhereTheHostTakesPart) {
  const EngineCase problem = of_blocks();
  const auto parameters = test::perturbed(problem);
  const GraphPair pair(problem);
  const auto thrice = [&] {
    for (int step = 0; step < 3; ++step) pair.expect_same(parameters);
    return pair.graphs->graphs().reason;
  };
  for (Engine* engine : {pair.graphs.get(), pair.kernels.get()}) engine->when_ready([](std::int64_t) {});
  EXPECT_NE(thrice().find("summed over ranks"), std::string::npos);
  for (Engine* engine : {pair.graphs.get(), pair.kernels.get()}) {
    engine->when_ready({});
    engine->when_residuals([](int, std::int64_t, std::int64_t, const double*) {});
  }
  EXPECT_NE(thrice().find("residuals"), std::string::npos);
  pair.expect_counts(6, 0, 0);
  EXPECT_EQ(pair.kernels->graphs().reason, "run.graphs is false");
}

// Two terms of 32 chunks each are the most; in fp32 the sums of many chunks move on within the graph.
TEST(EvaluationGraphs, AreNotMadeOfMoreThan64Chunks) {
  for (const std::int64_t blocks : {32, 33}) {
    const EngineCase problem = of_blocks(blocks * block_points);
    const auto parameters = test::perturbed(problem);
    const GraphPair pair(problem, Precision::fp32, block_points);
    for (int step = 0; step < 3; ++step) pair.expect_same(moved(parameters, 0.01 * step));
    if (blocks == 32)
      pair.expect_counts(1, 1, 1);
    else
      pair.expect_counts(3, 0, 0);
    EXPECT_EQ(pair.graphs->graphs().reason, blocks == 32 ? "" : "its points are swept in more than 64 chunks");
  }
}

// Where a recording comes to nothing, what it did on the host is undone, and the evaluation goes kernel by kernel from then
// on.
TEST(EvaluationGraphs, SayWhyARecordingCameToNothing) {
  test::OnDevice device;
  EvaluationGraphs graphs(true);
  int swept = 0, undone = 0;
  const auto place = device.room<double>(1);
  const EvaluationGraphs::Evaluation evaluation{[] { return EvaluationKey(); }, "",
                                                [&] {
                                                  ++swept;
                                                  fill(device.stream(), place, 1, static_cast<double>(swept));
                                                  device.stream().wait();
                                                },
                                                [] { return std::function<void()>(); }, [&] { ++undone; }};
  for (int k = 0; k < 3; ++k) graphs.run(device.stream(), evaluation);
  EXPECT_EQ(swept, 4);
  EXPECT_EQ(undone, 1);
  EXPECT_EQ(device.get(place, 1), std::vector<double>{4});
  EXPECT_EQ(graphs.counts().eager, 3);
  EXPECT_EQ(graphs.counts().captured, 0);
  EXPECT_EQ(
      graphs_text(graphs.counts()),
      "graphs: 0 captured, 0 replays, 3 evaluations kernel by kernel (the last without a graph: the host waits for the "
      "device)");
  EvaluationGraphs::Evaluation another = evaluation;
  another.obstacle = "the host takes part";
  graphs.run(device.stream(), another);
  EXPECT_EQ(graphs.counts().reason, "the host takes part");
  graphs.run(device.stream(), evaluation);
  EXPECT_EQ(graphs.counts().reason, "the host waits for the device");
}

// What a graph would hold on the host, and for how many evaluations there is one.
TEST(EvaluationGraphs, AreNoLargerAndNoMoreThanTheirLimits) {
  test::OnDevice device;
  EvaluationGraphs graphs(true);
  std::int64_t bytes = std::int64_t{64} << 20;
  std::int64_t number = 0;
  const EvaluationGraphs::Evaluation evaluation{[&] {
                                                  EvaluationKey key;
                                                  key.add(number);
                                                  return key;
                                                },
                                                "", [&] { queue_of(device.stream()).copied.to_device += bytes; },
                                                [] { return std::function<void()>([] {}); }, [] {}};
  const auto run = [&](std::int64_t of) {
    number = of;
    graphs.run(device.stream(), evaluation);
  };
  for (int k = 0; k < 3; ++k) run(0);
  EXPECT_EQ(graphs.counts().replayed, 1);
  ++bytes;
  for (int k = 0; k < 3; ++k) run(1);
  EXPECT_EQ(graphs.counts().captured, 1);
  EXPECT_EQ(graphs.counts().reason, "its points take more than 64 MiB");
  bytes = 0;
  for (std::int64_t k = 2; k < 5; ++k) run(k);
  EXPECT_EQ(graphs.counts().eager, 1 + 3 + 3);
  run(0);  // the fifth of them, as the one that was used longest ago, is known no more
  EXPECT_EQ(graphs.counts().eager, 8);
}

}  // namespace
}  // namespace jetpinn
