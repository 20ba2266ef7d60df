// An engine that fails on one rank ends an evaluation on all of them, and one that is late is told from a slow sum.
#include "jetpinn/train/objective.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "support/failing_engine.hpp"
#include "support/objective_case.hpp"
#include "support/rank_share.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace jetpinn {
namespace {

using test::EngineCase;
using test::every_sync;
using test::FailingEngine;
using test::is_last_rank;
using test::objective_case;
using test::objective_engine;
using test::world;

TEST(DistributedObjective, OneRanksErrorEndsTheEvaluationEverywhere) {
  const EngineCase problem = objective_case();
  FailingEngine failing;
  for (bool exact : {false, true}) {
    DistributedObjective objective(world(), failing, problem.points, problem.network.parameters, 2, exact, 60, {});
    std::vector<double> gradient(problem.parameters.size());
    test::expect_failure_everywhere([&] { objective.evaluate(problem.parameters.data(), gradient.data()); }, "evaluation");
  }
}

// The jets engine, which fails on the last rank at the n-th time that some of its gradient is
// final: pieces are on their way.
class InterruptedEngine : public FailingEngine {
 public:
  InterruptedEngine(Engine& jets, int at) : jets_(jets), at_(at) {}
  void loss_and_gradient(Stream stream, const double* parameters, const PointSet& points, double* gradient,
                         TermSums& sums) override {
    listen();
    jets_.loss_and_gradient(stream, parameters, points, gradient, sums);
  }
  void loss_and_gradient_exact(Stream stream, const double* parameters, const PointSet& points, ExactSum& total) override {
    listen();
    jets_.loss_and_gradient_exact(stream, parameters, points, total);
  }
  bool failed = false;

 private:
  void listen() {
    jets_.when_ready([this, calls = 0](std::int64_t first) mutable {
      if (ready_) ready_(first);  // one rank sends no pieces
      failed = is_last_rank() && ++calls == at_;
      if (failed) fail();
    });
  }
  Engine& jets_;
  int at_;
};

TEST(DistributedObjective, AnErrorBetweenPiecesEndsTheEvaluationEverywhere) {
  const EngineCase problem = objective_case();
  const PointSet mine = test::rank_share(problem.points);
  for (bool exact : {false, true}) {
    for (int at : {1, 3, 4}) {
      const auto jets = objective_engine(problem, exact ? Reproducibility::ranks : Reproducibility::run);
      InterruptedEngine interrupted(*jets, at);
      DistributedObjective objective(world(), interrupted, mine, problem.network.parameters, 2, exact, 60, {},
                                     every_sync()[2]);
      std::vector<double> gradient(problem.parameters.size());
      EXPECT_THROW(objective.evaluate(problem.parameters.data(), gradient.data()), Error);
      EXPECT_EQ(interrupted.failed, is_last_rank());
      // The objective is as good as new; the engine may hold half a gradient.
      const auto sound = objective_engine(problem, exact ? Reproducibility::ranks : Reproducibility::run);
      objective.use(*sound);
      EXPECT_TRUE(objective.evaluate(problem.parameters.data(), gradient.data()).finite);
      const auto expected = test::evaluate(*sound, problem, problem.parameters);
      EXPECT_LE(test::distance(gradient, expected.gradient),
                1e-13 * test::sum_of_point_norms(*sound, problem.points, problem.parameters));
    }
  }
}

// A lost rank is told at once: nobody is left to join in the sum.
TEST(DistributedObjective, ALossBetweenPiecesIsNotWaitedOut) {
  class LosingEngine : public FailingEngine {
    void loss_and_gradient(Stream, const double*, const PointSet&, double*, TermSums&) override {
      throw Error(Status::communication, "rank 7 is lost");
    }
  } losing;
  const PointSet points;
  DistributedObjective objective(world(), losing, points, 1, 0, false, 60, {}, every_sync()[2]);
  double parameter = 0, gradient = 0;
  const double begin = wall_seconds();
  EXPECT_THROW(objective.evaluate(&parameter, &gradient), Error);
  EXPECT_LT(wall_seconds() - begin, 60) << "the deadline was waited out";
}

// Does nothing, slowly on the last rank.
class IdleEngine : public FailingEngine {
 public:
  explicit IdleEngine(double last_s) : last_s_(last_s) {}
  void loss_and_gradient(Stream, const double*, const PointSet& points, double* gradient, TermSums& sums) override {
    sums.weighted.assign(points.terms.size(), 0);
    sums.unweighted = sums.weighted;
    gradient[0] = 0;
    const double begin = wall_seconds();
    while (is_last_rank() && wall_seconds() - begin < last_s_) {
    }
  }

 private:
  double last_s_;
};

TEST(DistributedObjective, TellsHowLongTheAllReduceHeldItUp) {
  const double late_s = 0.05;
  IdleEngine idle(late_s);
  const PointSet points;
  DistributedObjective objective(world(), idle, points, 1, 0, false, 60, {});
  double parameter = 0, gradient = 0;
  for (int i = 0; i < 5; ++i) objective.evaluate(&parameter, &gradient);
  ASSERT_EQ(objective.allreduce_seconds().size(), 5u);
  const bool last = is_last_rank();
  for (double seconds : objective.allreduce_seconds()) EXPECT_GE(seconds, 0);
  // A machine may keep a rank from coming first, or hold up the rank that comes last, but not five times.
  const auto [shortest, longest] =
      std::minmax_element(objective.allreduce_seconds().begin(), objective.allreduce_seconds().end());
  if (last) {
    EXPECT_LT(*shortest, late_s) << "its own lateness is no part of the all-reduce";
  } else {
    EXPECT_GE(*longest, 0.02);
  }
  objective.clear_allreduce_seconds();
  EXPECT_TRUE(objective.allreduce_seconds().empty());
}

// A reader that never clears costs no memory without end.
TEST(DistributedObjective, KeepsABoundedNumberOfTimes) {
  if (world().size() > 1) GTEST_SKIP() << "a rank on its own counts alike, and faster";
  IdleEngine idle(0);
  const PointSet points;
  DistributedObjective objective(world(), idle, points, 1, 0, false, 60, {});
  double parameter = 0, gradient = 0;
  for (std::size_t i = 0; i < DistributedObjective::most_seconds + 10; ++i) objective.evaluate(&parameter, &gradient);
  EXPECT_EQ(objective.allreduce_seconds().size(), DistributedObjective::most_seconds);
}

}  // namespace
}  // namespace jetpinn
