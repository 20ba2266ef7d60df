#include "jetpinn/train/memory_plan.hpp"

#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/optim/dense_quasi_newton.hpp"
#include "jetpinn/optim/natural_gradient.hpp"
#include "jetpinn/runtime/libtorch.hpp"
#include "jetpinn/train/gauss_newton_memory.hpp"
#include "jetpinn/train/network_layout.hpp"
#include "jetpinn/train/term_points.hpp"
#include "support/assembly_case.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace jetpinn {
namespace {

using testing::rank_counts;
using testing::shared_assembly;
using testing::stored_assembly;
using testing::term;

std::int64_t bytes_of(const std::vector<double>& numbers) {
  return static_cast<std::int64_t>(numbers.size() * sizeof(double));
}

std::int64_t bytes_of(const PointSet& set) {
  std::int64_t bytes = 0;
  for (const TermPoints& points : set.terms)
    bytes += bytes_of(points.coordinates) + bytes_of(points.weight) + bytes_of(points.attributes) + bytes_of(points.data);
  return bytes;
}

TrainingOptions adam_at(Reproducibility level) {
  TrainingOptions training;
  training.reproducibility = level;
  training.stages.resize(1);
  training.stages[0].steps = 5;
  return training;
}

TEST(MemoryPlan, PointsAreThoseThatRanksHold) {
  for (int ranks : rank_counts) {
    const Assembly assembly = shared_assembly(ranks);
    for (int rank = 0; rank < ranks; ++rank) {
      const MemoryPlan plan = plan_memory(assembly, adam_at(Reproducibility::run), {}, rank);
      EXPECT_EQ(plan.points, bytes_of(make_points(assembly, rank, 0))) << rank << " of " << ranks;
      const PointSet independent = make_independent_points(assembly, rank);
      std::int64_t residuals = 0;  // of one term at a time
      for (std::size_t t = 0; t < independent.terms.size(); ++t)
        residuals = std::max(residuals, independent.terms[t].local_count * assembly.terms[t].program.residuals() *
                                            std::int64_t{sizeof(double)});
      EXPECT_EQ(plan.independent, bytes_of(independent) + residuals) << rank << " of " << ranks;
    }
  }
}

TEST(MemoryPlan, CountsNormalsAndDistances) {
  TermText walls = term("walls", "dn(u)", "x == -1");
  const Assembly assembly =
      assemble(testing::problem_of({term("heat", "u_t - sdf*u_xx"), walls}), NetworkOptions{}, {}, 3, 1);
  const MemoryPlan plan = plan_memory(assembly, adam_at(Reproducibility::run), {}, 0);
  EXPECT_EQ(plan.points, bytes_of(make_points(assembly, 0, 0)));
  EXPECT_EQ(plan.points, std::int64_t{sizeof(double)} * (3 * assembly.counts[0] + 4 * assembly.counts[1]));
}

TEST(MemoryPlan, CountsEveryStoredColumn) {
  const testing::TemporaryFolder folder;
  for (const char* weight : {"", "2 + x"})
    for (int ranks : {1, 2, 3}) {
      const Assembly assembly = stored_assembly(folder.file("set.h5"), ranks, weight);
      std::int64_t all = 0;
      for (int rank = 0; rank < ranks; ++rank) {
        const std::int64_t planned = plan_memory(assembly, adam_at(Reproducibility::run), {}, rank).points;
        const PointSet points = make_points(assembly, rank, 0);
        EXPECT_EQ(planned, bytes_of(points)) << rank << " of " << ranks;
        EXPECT_EQ(bytes_of(make_term_room(assembly, 1, rank).weight), bytes_of(points.terms[1].weight));
        all += planned;
      }
      EXPECT_EQ(all, 8 * (900 * 2 + testing::stored_rows * 8));
    }
}

// Stored points stay when others are drawn anew: only those take room for the next ones.
TEST(MemoryPlan, ResamplingTakesRoomForGeneratedPoints) {
  const testing::TemporaryFolder folder;
  Assembly assembly = stored_assembly(folder.file("set.h5"), 1);
  const std::int64_t without = plan_memory(assembly, adam_at(Reproducibility::run), {}, 0).spare;
  assembly.chosen.resample_every = 1;
  EXPECT_EQ(plan_memory(assembly, adam_at(Reproducibility::run), {}, 0).spare - without, 8 * 900 * 2);
}

TEST(MemoryPlan, AdamAndLbfgsTakeWhatTheyKeepAndTheirGradients) {
  const Assembly assembly = shared_assembly(1);
  const std::int64_t size = assembly.network.parameters, flat = size * std::int64_t{sizeof(double)};
  TrainingOptions training = adam_at(Reproducibility::run);
  const auto kept = [&] {  // items as long as the parameters
    std::int64_t bytes = 0;
    const auto optimizer = make_optimizer(training.stages[0].optimizer, parameter_layout(assembly.network), 5);
    for (const StateItem& item : optimizer->state())
      if (const auto* slice = std::get_if<RealSlice>(&item.place); slice && slice->count == size) bytes += flat;
    return bytes;
  };
  EXPECT_EQ(plan_memory(assembly, training, {}, 0).parameters, flat);
  EXPECT_EQ(plan_memory(assembly, training, {}, 0).optimizer, kept() + flat);  // both moments, and the gradient
  OptimizerOptions& lbfgs = training.stages[0].optimizer;
  lbfgs.kind = "lbfgs";
  lbfgs.history = 3;
  const std::int64_t three = plan_memory(assembly, training, {}, 0).optimizer;
  lbfgs.history = 10;
  EXPECT_EQ(plan_memory(assembly, training, {}, 0).optimizer - three, 2 * 7 * flat)
      << "a pair of vectors for each step remembered";

  OptimizerOptions& dense = training.stages[0].optimizer;
  dense.kind = "ssbroyden";
  std::int64_t rows = 0, items = 0;
  const auto optimizer = make_optimizer(dense, parameter_layout(assembly.network), 5);
  for (const StateItem& item : optimizer->state())
    if (const auto* column = std::get_if<SharedColumn>(&item.place))
      rows += column->rows * std::int64_t{sizeof(double)};
    else if (const auto* slice = std::get_if<RealSlice>(&item.place); slice && slice->count == size)
      ++items;
  EXPECT_EQ(items, 4);
  const std::int64_t planned = plan_memory(assembly, training, {}, 0).optimizer;
  EXPECT_EQ(planned, DenseQuasiNewton::bytes(size, 0, 1));
  EXPECT_GE(planned, rows + (items + 6) * flat);  // and what no step needs of the one before: six vectors' worth
  EXPECT_LE(planned, rows + rows / 64 + (items + 6) * (flat + 256 * 8)) << "rows and vectors in whole blocks";
  const Assembly shared = shared_assembly(2);
  EXPECT_EQ(plan_memory(shared, training, {}, 1).optimizer, DenseQuasiNewton::bytes(size, 1, 2));
  EXPECT_LT(DenseQuasiNewton::bytes(size, 1, 2), planned);
  dense.kind = "ngd";
  EXPECT_EQ(plan_memory(assembly, training, {}, 0).optimizer,
            plan_gauss_newton_memory(assembly, training, 0, 0) + NaturalGradient::bytes(size));
  training.stages[0].steps = 0;
  EXPECT_EQ(plan_memory(assembly, training, {}, 0).optimizer, 0) << "a stage that is skipped keeps nothing";
}

// The gradient travels with the terms' sums and some flags; at level `ranks` as integers.
TEST(MemoryPlan, SumsAreThoseOfAnEvaluation) {
  for (int ranks : {1, 3}) {
    const Assembly assembly = shared_assembly(ranks);
    const std::int64_t size = assembly.network.parameters, real = sizeof(double);
    const MemoryPlan run = plan_memory(assembly, adam_at(Reproducibility::run), {}, 0),
                     exact = plan_memory(assembly, adam_at(Reproducibility::ranks), {}, 0);
    const std::int64_t entries = run.gradient / real;
    EXPECT_GT(entries, size + 2 * static_cast<std::int64_t>(assembly.terms.size()));
    EXPECT_EQ(exact.gradient, run.gradient);
    EXPECT_EQ(run.sums, ranks > 1 ? run.gradient : 0);
    ExactSum sum(entries, size);
    const std::int64_t integers = static_cast<std::int64_t>(sum.exchange().size()) * real;
    EXPECT_EQ(exact.sums, integers + size * real + (ranks > 1 ? integers : 0));  // and the gradient of a block; MPI's own
  }
}

TEST(MemoryPlan, EnginesTakeWhatTheirPoolsGiveOut) {
  const Assembly assembly = shared_assembly(1);
  TrainingOptions training = adam_at(Reproducibility::run);
  for (const Precision precision : {Precision::fp64, Precision::fp32}) {
    training.precision = precision;
    EngineOptions options;
    options.precision = precision;
    options.product_backend = "libtorch";  // not measured
    const auto engine = make_engine(options, assembly.network, assembly.terms);
    options.precision = Precision::fp64;
    const auto fields = make_engine(options, assembly.network, {assembly.fields});
    const MemoryPlan plan = plan_memory(assembly, training, {}, 0);
    const double pools = static_cast<double>(engine->pool_bytes() + fields->pool_bytes()),
                 planned = static_cast<double>(plan.engine + plan.channels);
    EXPECT_GE(planned, pools);
    EXPECT_LE(planned, 1.05 * pools) << "columns are counted where features could vary";
    EXPECT_EQ(plan.chunk, engine->chunk());
  }
}

TEST(MemoryPlan, LibTorchCountsWhereItMayBeLoaded) {
  const Assembly narrow = shared_assembly(2);
  TrainingOptions training = adam_at(Reproducibility::run);
  const auto planned = [&](const Assembly& assembly, int rank) {
    return plan_memory(assembly, training, {}, rank).libtorch;
  };
  EXPECT_EQ(planned(narrow, 0), 0);
  for (const char* solver : {"ngd", "soap"}) {
    training.stages[0].optimizer.kind = solver;
    training.stages[0].steps = 5;
    EXPECT_EQ(planned(narrow, 0), libtorch_bytes) << solver;
    EXPECT_EQ(planned(narrow, 1), 0) << "rank 0 solves for all";
    training.stages[0].steps = 0;
    EXPECT_EQ(planned(narrow, 0), 0) << "a stage that is skipped solves nothing";
  }
  NetworkOptions network;
  network.hidden = {16, 136};
  const Assembly wide = assemble(testing::problem_of({term("heat", "u_t - u_xx")}), network, {}, 3, 2);
  EXPECT_EQ(planned(wide, 1), libtorch_bytes);
  training.reproducibility = Reproducibility::ranks;
  EXPECT_EQ(planned(wide, 1), 0) << "nothing is measured";
  training.engine = EngineKind::reference;
  EXPECT_EQ(planned(narrow, 1), libtorch_bytes);
}

TEST(MemoryPlan, WhatIsKeptAsideIsSpare) {
  const Assembly assembly = shared_assembly(2);
  const std::int64_t flat = assembly.network.parameters * std::int64_t{sizeof(double)};
  TrainingOptions training = adam_at(Reproducibility::run);
  OutputOptions output;
  output.keep_best = false;
  const MemoryPlan plain = plan_memory(assembly, training, output, 0);
  output.keep_best = true;
  EXPECT_EQ(plan_memory(assembly, training, output, 0).spare, plain.spare + 2 * flat);
  Assembly resampled = shared_assembly(2);
  resampled.chosen.resample_every = 1;
  output.keep_best = false;
  EXPECT_EQ(plan_memory(resampled, training, output, 0).spare, plain.spare + plain.points)
      << "the next points come before the last ones go";
}

TEST(MemoryPlan, TakesTheStageOfMostPoints) {
  SamplingOptions sampling;
  sampling.points = {{"heat", 1000}, {"initial", 100}};
  NetworkOptions network;
  network.hidden = {6, 6};
  const auto planned = [&](std::int64_t first, std::int64_t second) {
    sampling.stages.resize(2);
    sampling.stages[0].points = {{"heat", first}};
    sampling.stages[1].points = {{"heat", second}};
    TrainingOptions training = adam_at(Reproducibility::run);
    training.stages.resize(2);
    training.stages[0].steps = training.stages[1].steps = 5;
    const MemoryPlan both = plan_memory(assemble(testing::heat_problem(), network, sampling, 0, 1), training, {}, 0);
    training.stages[1].steps = 0;
    const MemoryPlan one = plan_memory(assemble(testing::heat_problem(), network, sampling, 0, 1), training, {}, 0);
    return std::pair(both.points, one.points);
  };
  EXPECT_EQ(planned(2000, 5000), std::pair(std::int64_t{8 * 2 * 5100}, std::int64_t{8 * 2 * 2100}));
  EXPECT_EQ(planned(3000, 200).first, 8 * 2 * 3100);
}

}  // namespace
}  // namespace jetpinn
