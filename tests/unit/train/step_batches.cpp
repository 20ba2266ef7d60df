#include "jetpinn/train/step_batches.hpp"

#include "jetpinn/train/memory_plan.hpp"
#include "jetpinn/train/term_points.hpp"
#include "support/stored_case.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

constexpr double none = std::numeric_limits<double>::infinity();

// heat: 8 blocks in 4 batches; initial: 3 blocks in 3, or its 3 blocks and 5 points of a table in 4.
class StepBatchesTest : public ::testing::Test {
 protected:
  StepBatchesTest() {
    write_point_table(folder_.file("set.h5"), testing::stored_table());
    training_.stages.resize(3);
    training_.stages[1].optimizer.kind = "lbfgs";
    sampling_.points = {{"heat", 8 * block_points}, {"initial", 3 * block_points}};
    sampling_.batch = {{"heat", 2 * block_points}, {"initial", 1}};
    sampling_.stage_batch = {{}, {}, {{"heat", 100000}, {"initial", 300}}};
  }

  Assembly assembly(int ranks = 1) const {
    NetworkOptions network;
    network.hidden = {6, 6};
    return assemble(testing::heat_problem(), network, sampling_, 3, ranks);
  }
  void use_table() {
    sampling_.points.erase("initial");
    sampling_.stored["initial"] = testing::stored_options(folder_.file("set.h5"));
  }

  const testing::TemporaryFolder folder_;
  TrainingOptions training_;
  SamplingOptions sampling_;
};

TEST_F(StepBatchesTest, AStageHasItsOwn) {
  const Assembly problem = assembly();
  EXPECT_EQ(batches_text(problem, training_, 0),
            "heat 512 of 2048 points (4 batches), initial 256 of 768 points (3 batches)");
  EXPECT_EQ(batches_text(problem, training_, 1), "") << "a line search takes all points";
  EXPECT_EQ(batches_text(problem, training_, 2), "heat all 2048 points, initial 512 of 768 points (2 batches)");
  StepBatches batches(problem, training_);
  const std::vector<bool> active = {true, false, true, false};
  for (std::int64_t stage = 0; stage < 4; ++stage) {
    batches.enter(stage);
    EXPECT_EQ(batches.active(), active[static_cast<std::size_t>(stage)]) << stage;
  }
}

// At fixed parameters, over steps in which all terms end their epochs.
TEST_F(StepBatchesTest, GradientsOfBatchesAverageToThatOfAllPoints) {
  for (const bool table : {false, true}) {
    if (table) {
      use_table();
      sampling_.batch["initial"] = 2 * block_points;  // two batches; the last block has 5 points
    }
    const Assembly problem = assembly();
    const PointSet all = make_points(problem, 0, 0);
    const auto engine = make_engine({}, problem.network, problem.terms);
    std::vector<double> parameters(static_cast<std::size_t>(problem.network.parameters)), gradient(parameters.size());
    initialize(problem.network, 0, parameters.data());
    TermSums sums;
    StepBatches batches(problem, training_);
    batches.enter(0);
    constexpr int steps = 12;
    std::vector<double> mean(parameters.size()), weighted(2);
    for (int step = 0; step < steps; ++step) {
      const PointSet& batch = batches.take(all, step);
      engine->loss_and_gradient(Stream{}, parameters.data(), batch, gradient.data(), sums);
      for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += gradient[i] / steps;
      for (std::size_t t = 0; t < 2; ++t) {
        // a mean over a batch counts for the points that it has
        const double share = static_cast<double>(batch.terms[t].global_count) / static_cast<double>(problem.counts[t]);
        weighted[t] +=
            sums.weighted[t] * share * static_cast<double>(batches_of_stage(problem, training_, 0)[t].number()) / steps;
        EXPECT_EQ(batch.terms[t].local_count, batch.terms[t].global_count);
        EXPECT_LT(batch.terms[t].local_count, all.terms[t].local_count);
      }
    }
    engine->loss_and_gradient(Stream{}, parameters.data(), all, gradient.data(), sums);
    for (std::size_t t = 0; t < 2; ++t) EXPECT_NEAR(weighted[t], sums.weighted[t], 1e-13 * sums.weighted[t]);
    double norm = 0, off = 0;
    for (std::size_t i = 0; i < mean.size(); ++i) {
      norm = std::max(norm, std::abs(gradient[i]));
      off = std::max(off, std::abs(mean[i] - gradient[i]));
    }
    if (table)
      EXPECT_GT(off, 1e-6 * norm) << "batches of other sizes have other means";
    else
      EXPECT_LT(off, 1e-13 * norm);
  }
}

TEST_F(StepBatchesTest, RanksShareABatch) {
  use_table();
  for (const int ranks : {1, 2, 3, 5}) {
    const Assembly problem = assembly(ranks), alone = assembly();
    for (int step = 0; step < 9; ++step) {
      StepBatches whole(alone, training_);
      whole.enter(0);
      const PointSet& expected = whole.take(make_points(alone, 0, 0), step);
      std::vector<std::int64_t> seen(2);
      for (int rank = 0; rank < ranks; ++rank) {
        StepBatches batches(problem, training_);
        batches.enter(0);
        const PointSet& mine = batches.take(make_points(problem, rank, 0), step);
        for (std::size_t t = 0; t < 2; ++t) {
          const TermPoints &part = mine.terms[t], &all = expected.terms[t];
          EXPECT_EQ(part.global_count, all.global_count);
          const std::vector<Block>& held = problem.blocks[static_cast<std::size_t>(rank)][t];
          EXPECT_LE(part.local_count, most_points_of_rank(batches_of_stage(problem, training_, 0)[t], held));
          for (std::int64_t i = 0; i < part.local_count; ++i)
            for (int d = 0; d < 2; ++d) ASSERT_EQ(part.coordinate(d)[i], all.coordinate(d)[seen[t] + i]);
          for (std::int64_t i = 0; i < part.local_count && t == 1; ++i)
            ASSERT_EQ(part.weight[static_cast<std::size_t>(i)], all.weight[static_cast<std::size_t>(seen[t] + i)]);
          seen[t] += part.local_count;
        }
      }
      for (std::size_t t = 0; t < 2; ++t) EXPECT_EQ(seen[t], expected.terms[t].local_count);
    }
  }
}

// Blocks of a batch lie apart, and each rank has as many of them as the others, or one.
TEST_F(StepBatchesTest, RanksHaveEqualWork) {
  sampling_.points["heat"] = 40 * block_points;
  sampling_.batch["heat"] = 8 * block_points;
  const Assembly problem = assembly(2);
  for (int step = 0; step < 25; ++step) {
    std::int64_t points[2];
    for (int rank = 0; rank < 2; ++rank) {
      StepBatches batches(problem, training_);
      batches.enter(0);
      points[rank] = batches.take(make_points(problem, rank, 0), step).terms[0].local_count;
    }
    EXPECT_EQ(points[0], points[1]) << step;
  }
}

TEST_F(StepBatchesTest, TheLossIsAnAverageOverAnEpoch) {
  const Assembly problem = assembly();
  const PointSet all = make_points(problem, 0, 0);
  StepBatches batches(problem, training_);
  batches.enter(0);
  batches.begin();
  std::vector<double> ended;
  const auto account = [&](std::int64_t step, double loss) {
    batches.take(all, step - 1);
    batches.account(step, loss);
    ended.push_back(batches.ended_average());
  };
  for (const double loss : {4, 6, 1}) account(static_cast<std::int64_t>(ended.size()) + 1, loss);
  EXPECT_EQ(batches.loss_or(7), 7) << "none is known yet";
  for (const double loss : {5, 3, 3, 8, 2, 1}) account(static_cast<std::int64_t>(ended.size()) + 1, loss);
  EXPECT_EQ(ended, (std::vector<double>{none, none, none, 4, none, none, none, 4, none}));
  EXPECT_EQ(batches.loss_or(7), 4);
  EXPECT_EQ(batches.left_out(), 9 * (8 - 2 + 3 - 1) * block_points);
  batches.begin();  // within an epoch: that one counts for nothing
  EXPECT_EQ(batches.loss_or(7), 7);
  for (const double loss : {1, 1, 1}) account(static_cast<std::int64_t>(ended.size()) + 1, loss);
  EXPECT_EQ(batches.loss_or(7), 7);
  for (const double loss : {1.0, 2.0, std::nan(""), 4.0}) account(static_cast<std::int64_t>(ended.size()) + 1, loss);
  EXPECT_EQ(batches.loss_or(7), 7) << "a loss that is not finite";
  for (const double loss : {1, 2, 3, 4}) account(static_cast<std::int64_t>(ended.size()) + 1, loss);
  EXPECT_EQ(batches.loss_or(7), 2.5);
}

TEST_F(StepBatchesTest, ItsStateIsKeptWhereThereAreBatches) {
  const Assembly problem = assembly();
  StepBatches before(problem, training_), after(problem, training_);
  for (StepBatches* batches : {&before, &after}) batches->enter(0);
  for (std::int64_t step = 1; step <= 6; ++step) {
    before.take(make_points(problem, 0, 0), step - 1);
    before.account(step, static_cast<double>(step));
  }
  restore(after.state(), capture(before.state()));
  EXPECT_EQ(after.left_out(), before.left_out());
  EXPECT_EQ(after.loss_or(0), 2.5);
  for (StepBatches* batches : {&before, &after})
    for (std::int64_t step = 7; step <= 8; ++step) {
      batches->take(make_points(problem, 0, 0), step - 1);
      batches->account(step, 1);
    }
  EXPECT_EQ(after.loss_or(0), before.loss_or(0));
  sampling_.batch.clear();
  sampling_.stage_batch.clear();
  const Assembly whole = assembly();
  StepBatches no_batches(whole, training_);
  EXPECT_TRUE(no_batches.state().empty());
  no_batches.enter(0);
  EXPECT_FALSE(no_batches.active());
}

TEST_F(StepBatchesTest, MemoryOfABatchIsPlanned) {
  const Assembly with = assembly();
  sampling_.batch.clear();
  sampling_.stage_batch.clear();
  const Assembly without = assembly();
  const std::int64_t more = plan_memory(with, training_, {}, 0).spare - plan_memory(without, training_, {}, 0).spare;
  // stage 2: all of heat and two blocks of initial at most, t and x, twice
  EXPECT_GE(more, 2 * 10 * block_points * 2 * 8);
  EXPECT_LE(more, 2 * 11 * block_points * 2 * 8);
}

TEST_F(StepBatchesTest, CountWhatStagesOfFewerPointsLeftOut) {
  SamplingOptions sampling;
  sampling.points = {{"heat", 1000}, {"initial", 100}};
  sampling.stages.resize(1);
  sampling.stages[0].points = {{"heat", 300}};
  const Assembly staged = assemble(testing::heat_problem(), NetworkOptions{}, sampling, 0, 1);
  TrainingOptions training;
  training.stages.resize(1);
  StepBatches batches(staged, training);
  batches.points_changed(10, -700);  // ten evaluations of 1100 points, and 400 from here on
  EXPECT_EQ(10 * 400 - batches.left_out(), 10 * 1100);
  StepBatches after(staged, training);
  restore(after.state(), capture(batches.state()));
  EXPECT_EQ(after.left_out(), batches.left_out());
}

}  // namespace
}  // namespace jetpinn
