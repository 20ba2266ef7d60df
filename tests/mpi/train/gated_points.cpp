// Points under a gate: what is chosen, how the ranks share it, what it estimates, and a warm-up that is no gate at all.
#include "jetpinn/train/gated_points.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/train/gate_scores.hpp"
#include "jetpinn/train/term_points.hpp"
#include "jetpinn/train/trainer.hpp"
#include "support/problem_text.hpp"
#include "support/shared_folder.hpp"
#include "support/training_states.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

using test::world;

constexpr std::int64_t gated_points_of_heat = 3000;

// The residual of the equation is about 100 where x > 0.8, a tenth of the domain, and about 1 elsewhere.
Problem steep_problem() {
  return testing::problem_of({testing::term("heat", "u + 1 + 99*step(x - 0.8)"),
                              testing::term("walls", "u + x", "x == -1 || x == 1"),
                              testing::term("point", "u", "t == 0 && x == 0")});
}

TrainingOptions gated_training(double target, bool unbiased = true) {
  TrainingOptions training;
  training.gate.target = target;
  training.gate.unbiased = unbiased;
  training.gate.warm_up = 0;
  training.gate.refresh = 1000000;
  training.reproducibility = Reproducibility::ranks;
  training.stages.resize(1);
  return training;
}

// A gate without the run around it.
class Gate {
 public:
  explicit Gate(const TrainingOptions& options)
      : training(options), assembly(assembled(world().size())), gate(world(), assembly, training), parameters_() {
    EngineOptions engine_options;
    engine_options.reproducibility = Reproducibility::ranks;
    engine = make_engine(engine_options, assembly.network, assembly.terms);
    parameters_.resize(static_cast<std::size_t>(assembly.network.parameters));
    initialize(assembly.network, 0, parameters_.data());
    all = make_points(assembly, world().rank(), 0);
    gate.enter(0);
    gate.begin(0);
  }

  const PointSet& take(std::int64_t step) { return gate.take(all, step, *engine, parameters_); }

  // Loss of the equation and its gradient by every parameter, over all ranks.
  std::vector<double> loss_of_heat(const PointSet& points) {
    TermSums sums;
    std::vector<double> gradient(parameters_.size());
    PointSet heat = points;
    for (std::size_t t = 1; t < heat.terms.size(); ++t) {
      const TermPoints empty = points_at(heat.terms[t], {});
      heat.terms[t] = empty;
      heat.terms[t].blocks.clear();
    }
    engine->loss_and_gradient(Stream{}, parameters_.data(), heat, gradient.data(), sums);
    gradient.push_back(sums.weighted[0]);
    world().sum("test", gradient.data(), static_cast<std::int64_t>(gradient.size()));
    return gradient;
  }

  static Assembly assembled(int ranks) {
    NetworkOptions network;
    network.hidden = {6, 5};
    SamplingOptions sampling;
    sampling.points = {{"heat", gated_points_of_heat}, {"walls", 500}};
    sampling.gated = true;
    return assemble(steep_problem(), network, sampling, 3, ranks);
  }

  const TrainingOptions training;
  const Assembly assembly;
  std::unique_ptr<Engine> engine;
  GatedPoints gate;
  PointSet all;

 private:
  std::vector<double> parameters_;
};

std::int64_t sum_over_ranks(std::int64_t number) {
  world().sum("test", &number, 1);
  return number;
}

TEST(GatedPoints, AreOfTheTargetAndDealtInDenseBlocks) {
  Gate run(gated_training(0.25));
  for (std::int64_t step = 0; step < 40; ++step) {
    const PointSet& taken = run.take(step);
    if (step < 20) continue;
    EXPECT_NEAR(run.gate.record().activation, 0.25, 0.005) << step;
    for (std::size_t t = 0; t < 2; ++t) {
      const TermPoints& own = taken.terms[t];
      EXPECT_EQ(rows_of(own.blocks), own.local_count);
      EXPECT_EQ(sum_over_ranks(own.local_count), own.global_count);
      for (const Block& block : own.blocks) {
        EXPECT_EQ(block.first % block_points, 0);
        EXPECT_EQ(block.count, std::min(block_points, own.global_count - block.first));
      }
      // Each rank has as many blocks as any other, or one more.
      const std::int64_t blocks = (own.global_count + block_points - 1) / block_points;
      EXPECT_LE(static_cast<std::int64_t>(own.blocks.size()), blocks / world().size() + 1);
    }
    EXPECT_EQ(sum_over_ranks(taken.terms[2].local_count), 1);  // a single point is no candidate
  }
  EXPECT_EQ(run.gate.totals().scored, gated_points_of_heat + 500);
}

TEST(GatedPoints, LieWhereTheResidualIsLarge) {
  Gate run(gated_training(0.1));
  std::int64_t above = 0, all = 0;
  for (std::int64_t step = 0; step < 40; ++step) {
    const TermPoints& own = run.take(step).terms[0];
    if (step < 20) continue;
    for (std::int64_t i = 0; i < own.local_count; ++i) above += own.coordinate(1)[i] > 0.8;
    all += own.local_count;
  }
  const double share = static_cast<double>(sum_over_ranks(above)) / static_cast<double>(sum_over_ranks(all));
  EXPECT_GT(share, 0.5);  // of points drawn evenly it would be 0.1
}

// The mean over many steps at fixed parameters is the loss over all points and its gradient; each of the numbers within five
// of its standard errors. Without weights it is not.
TEST(GatedPoints, UnbiasedOnesGiveTheGradientOfAllPoints) {
  constexpr int steps = 300;
  for (const bool unbiased : {true, false}) {
    Gate run(gated_training(0.1, unbiased));
    const std::vector<double> truth = run.loss_of_heat(run.all);
    std::vector<double> mean(truth.size()), squares(truth.size());
    for (std::int64_t step = 0; step < 20; ++step) run.take(step);
    for (int n = 0; n < steps; ++n) {
      const std::vector<double> own = run.loss_of_heat(run.take(20 + n));
      for (std::size_t i = 0; i < own.size(); ++i) {
        const double off = own[i] - mean[i];
        mean[i] += off / (n + 1);
        squares[i] += off * (own[i] - mean[i]);
      }
    }
    std::size_t far = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const double error = std::sqrt(squares[i] / (steps - 1) / steps) + 1e-12 * std::abs(truth[i]);
      far += std::abs(mean[i] - truth[i]) > 5 * error;
    }
    if (unbiased)
      EXPECT_EQ(far, 0u);
    else
      EXPECT_GT(mean.back(), 2 * truth.back());
  }
}

// With signs for directions the estimate of g^2 has the mean |sum_k w_k r_k J_k|^2 over the last layer's parameters, and
// 400 times 4 directions leave it a standard deviation of sqrt(2 / 1600).
TEST(GatedPoints, ScoresOfGradientsAreThoseOfTheLastLayer) {
  Gate run(gated_training(0.1));
  TermPoints few = piece_of(run.all.terms[0], 0, std::min<std::int64_t>(4, run.all.terms[0].local_count));
  if (few.local_count == 0) return;
  std::vector<double> parameters(static_cast<std::size_t>(run.assembly.network.parameters));
  initialize(run.assembly.network, 1, parameters.data());
  const std::vector<double> last = last_layer_signs(run.assembly.network, 0, 0, 0);
  std::vector<double> expected(static_cast<std::size_t>(few.local_count)), found(expected.size());
  run.engine->linearize(Stream{}, parameters.data(), 0, few, [&](Linearization& chunk) {
    const PointRange range = chunk.range();
    std::vector<double> r(static_cast<std::size_t>(range.points)), rows(r.size() * parameters.size());
    chunk.residuals(r.data(), range.points);
    chunk.rows(0, range.points, rows.data(), range.points);
    for (std::size_t i = 0; i < r.size(); ++i)
      for (std::size_t p = 0; p < parameters.size(); ++p)
        if (last[p] != 0)
          expected[static_cast<std::size_t>(range.first) + i] += std::pow(r[i] * rows[i * parameters.size() + p], 2);
  });
  for (int step = 0; step < 400; ++step) {
    const PointLook look = look_at_points(run.assembly, *run.engine, parameters, 0, few, true, step);
    for (std::size_t i = 0; i < found.size(); ++i) found[i] += std::pow(look.gradient[i], 2) / 400;
  }
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 5 * std::sqrt(2.0 / 1600) * expected[i]);
}

TEST(GatedPoints, TermsThatHaveNoCandidatesAreRefusedByName) {
  TrainingOptions training = gated_training(0.1);
  training.gate.terms = {"point"};
  try {
    Gate run(training);
    FAIL() << "a single point was gated";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'point' cannot be gated"), std::string::npos) << error.what();
  }
}

TEST(GatedPoints, StepsOfLessThanAPointAreRefused) {
  const double points = gated_points_of_heat + 500;
  Gate run(gated_training(1.01 / points));
  EXPECT_THROW(Gate{gated_training(0.99 / points)}, Error);
  TrainingOptions one_stage = gated_training(0.5);
  one_stage.stages.push_back(one_stage.stages[0]);
  one_stage.stages[1].gate.target = 1e-9;
  EXPECT_THROW(Gate{one_stage}, Error);
}

// The points of all ranks, put on the last one alone.
PointSet all_on_one_rank() {
  const Assembly alone = Gate::assembled(1);
  PointSet points = make_points(alone, 0, 0);
  if (world().rank() + 1 == world().size()) return points;
  for (TermPoints& term : points.terms) term = points_at(term, {});
  return points;
}

TEST(GatedPoints, ScoresKnowTheirPointsOnAnyNumberOfRanks) {
  Gate run(gated_training(0.1));
  run.take(0);
  PointSet points = all_on_one_rank();
  run.gate.check_points(points);
  if (points.terms[1].local_count > 0) points.terms[1].coordinates[0] += 1e-12;
  EXPECT_THROW(run.gate.check_points(points), Error);
}

TEST(GatedPoints, ScoresOfOtherPointsAreRefused) {
  Gate run(gated_training(0.1));
  run.take(0);
  run.gate.check_points(run.all);
  PointSet moved = run.all;
  for (double& x : moved.terms[0].coordinates) x *= 0.5;
  EXPECT_THROW(run.gate.check_points(moved), Error);
}

// Where they lie is not all that a score is of: weights, data and normals are other points too.
TEST(GatedPoints, ScoresOfOtherColumnsAreRefused) {
  Gate run(gated_training(0.1));
  TermPoints& heat = run.all.terms[0];
  const auto count = static_cast<std::size_t>(heat.local_count);
  heat.weight_columns = heat.quadrature_columns = heat.data_columns = heat.attribute_columns = 1;
  for (const auto column : {&TermPoints::weight, &TermPoints::quadrature, &TermPoints::data, &TermPoints::attributes})
    (heat.*column).assign(count, 1.0);
  run.take(0);
  run.gate.check_points(run.all);
  for (const auto column : {&TermPoints::weight, &TermPoints::quadrature, &TermPoints::data, &TermPoints::attributes}) {
    PointSet other = run.all;
    if (world().root()) (other.terms[0].*column)[count / 2] = 1.5;
    EXPECT_THROW(run.gate.check_points(other), Error);
  }
}

// A gate that is warming up trains every point: the network is that of a run without a gate, bit for bit on one rank.
TEST(GatedRun, WarmingUpIsTrainingWithoutAGate) {
  const testing::SharedFolder base;
  double losses[2] = {0, 0};
  for (const bool gated : {false, true}) {
    TrainSetup setup = testing::quiet_setup(testing::new_folder(base, gated ? "gated" : "plain"));
    setup.sampling.points = {{"heat", 700}, {"initial", 100}};
    setup.training.stages.resize(1);
    setup.training.stages[0].steps = 6;
    setup.training.reproducibility = Reproducibility::ranks;
    setup.training.gate.target = gated ? 0.06 : 1;
    setup.training.gate.warm_up = 1000;
    losses[gated] = train(world(), testing::heat_problem(), setup).loss;
  }
  EXPECT_EQ(losses[0], losses[1]);
}

}  // namespace
}  // namespace jetpinn
