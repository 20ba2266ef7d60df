#include "jetpinn/train/session.hpp"

#include "jetpinn/train/term_points.hpp"
#include "support/problem_text.hpp"
#include "support/temporary_folder.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

namespace jetpinn {
namespace {

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() {
    setup_.name = "heat";
    setup_.run_directory = folder_.path();
    setup_.network.hidden = {6, 5};
    setup_.sampling.points = {{"heat", 300}, {"initial", 50}};
    setup_.training.stages.resize(1);
    setup_.quiet = true;
    setup_.stop_requested = [] { return false; };
  }

  // Losses of six steps that leave the parameters alone.
  std::vector<double> losses_at_rest(Session& session) {
    std::vector<double> losses, gradient(session.parameters.size());
    for (int step = 0; step < 6; ++step) {
      resampled_.push_back(session.points.resample_if_due(session.step));
      losses.push_back(session.objective->evaluate(session.parameters.values().data(), gradient.data()).loss);
      ++session.step;
    }
    return losses;
  }

  const testing::TemporaryFolder folder_;
  TrainSetup setup_;
  std::vector<bool> resampled_;
};

TEST_F(SessionTest, ResamplingTakesTheNextPointsWhenDue) {
  setup_.sampling.resample_every = 2;
  Session session(test::world(), testing::heat_problem(), setup_);
  const auto losses = losses_at_rest(session);
  EXPECT_EQ(resampled_, (std::vector<bool>{false, false, true, false, true, false}));
  const auto engine = make_engine({}, session.assembly.network, session.assembly.terms);
  for (std::uint32_t epoch = 0; epoch < 3; ++epoch) {
    const PointSet points = make_points(session.assembly, 0, epoch);
    std::vector<double> gradient(session.parameters.size());
    TermSums sums;
    engine->loss_and_gradient(Stream{}, session.parameters.values().data(), points, gradient.data(), sums);
    const double expected = sums.weighted[0] + sums.weighted[1];
    // 350 points are summed; the two engines may use different products
    for (std::size_t step : {2 * epoch, 2 * epoch + 1}) EXPECT_NEAR(losses[step], expected, 1e-13 * expected);
    if (epoch == 0) continue;
    EXPECT_GT(std::abs(losses[2 * epoch] - losses[2 * epoch - 1]), 1e-6 * expected);   // other points, another loss
  }
}

// The best network is that of the lowest average over an epoch, not of the batch that is easiest.
TEST_F(SessionTest, StagesOfBatchesCompareAverages) {
  setup_.sampling.points = {{"heat", 4 * block_points}, {"initial", 50}};
  setup_.sampling.batch = {{"heat", 2 * block_points}};
  setup_.training.stages[0].steps = 100;
  Session session(test::world(), testing::heat_problem(), setup_);
  session.start();
  session.begin_stage();
  const auto best = [&] {
    const StateValues state = capture(session.state());
    return std::get<std::vector<double>>(state.at("best/loss")).at(0);
  };
  std::vector<double> gradient(session.parameters.size());
  const auto step = [&](double loss) {
    session.take_batch();
    session.objective->evaluate(session.parameters.values().data(), gradient.data());
    StepReport report;
    report.loss = loss;
    session.account(report);
  };
  step(9), step(1);
  EXPECT_EQ(best(), 5);
  step(3), step(4);
  EXPECT_EQ(best(), 3.5);
  step(0.5), step(8);
  EXPECT_EQ(best(), 3.5);
  EXPECT_EQ(session.stage.ends().list("")[0].loss, 4.25);
}

// The last evaluation of a search that failed is of a trial point; what is told is of the parameters it went back to.
TEST_F(SessionTest, ASearchThatFailedHasTheLossOfItsParameters) {
  setup_.training.balance.method = BalanceMethod::relobralo;
  setup_.training.stages[0].optimizer.kind = "lbfgs";
  Session session(test::world(), testing::heat_problem(), setup_);
  session.start();
  session.begin_stage();
  std::vector<double> trial = session.parameters.values(), gradient(trial.size());
  StepReport report;
  report.loss = session.objective->evaluate(trial.data(), gradient.data()).loss;
  trial[0] += 1;
  ASSERT_NE(session.objective->evaluate(trial.data(), gradient.data()).loss, report.loss);
  session.account(report);
  EXPECT_EQ(session.stage.ends().list("")[0].loss, report.loss) << "no weight has changed yet";
}

// The loss of the points that a gate chose is no loss to compare; that over all points is.
TEST_F(SessionTest, ARoundOfPointsWaitsForTheLossOverAllPoints) {
  setup_.sampling.adaptive.method = AdaptiveMethod::rad;
  setup_.sampling.adaptive.every = 1;
  setup_.sampling.adaptive.stall = 0.1;
  setup_.sampling.gated = true;
  setup_.training.gate.target = 0.3;
  setup_.training.gate.warm_up = 0;
  setup_.training.stages[0].steps = 100;
  Session session(test::world(), testing::heat_problem(), setup_);
  session.start();
  session.begin_stage();
  session.take_batch();
  std::vector<double> gradient(session.parameters.size());
  StepReport report;
  report.loss = session.objective->evaluate(session.parameters.values().data(), gradient.data()).loss;
  session.account(report);
  session.adapt_points_if_due();
  const StateValues state = capture(session.state());
  EXPECT_EQ(state.at("adaptive/looked_loss"), state.at("gate/loss"));
  EXPECT_NE(std::get<std::vector<double>>(state.at("gate/loss"))[0], report.loss);
}

// ngd goes on behind its best damping, and evaluates a step last that it does not take.
TEST_F(SessionTest, TermsAreThoseOfWhereAStepEnded) {
  setup_.training.stages[0].optimizer.kind = "ngd";
  Session session(test::world(), testing::heat_problem(), setup_);
  session.start();
  session.begin_stage();
  std::vector<double> trial = session.parameters.values(), gradient(trial.size());
  StepReport report;
  report.loss = session.objective->evaluate(trial.data(), gradient.data()).loss;
  const std::vector<double> terms = session.objective->agreed().terms;
  trial[0] += 1;
  session.objective->evaluate(trial.data(), gradient.data());
  ASSERT_NE(session.objective->agreed().terms, terms);
  session.account(report);
  EXPECT_EQ(std::get<std::vector<double>>(capture(session.state()).at("last/terms")), terms);
}

TEST_F(SessionTest, PointsStayWithoutResampling) {
  Session session(test::world(), testing::heat_problem(), setup_);
  const auto losses = losses_at_rest(session);
  EXPECT_EQ(losses, std::vector<double>(6, losses[0]));
}

TEST_F(SessionTest, EpochsShareNoPoint) {
  const Session session(test::world(), testing::heat_problem(), setup_);
  const PointSet first = make_points(session.assembly, 0, 0), second = make_points(session.assembly, 0, 1);
  const TermPoints &a = first.terms[0], &b = second.terms[0];
  ASSERT_EQ(a.local_count, b.local_count);
  for (std::int64_t i = 0; i < a.local_count; ++i)
    for (std::int64_t j = 0; j < b.local_count; ++j)
      EXPECT_FALSE(a.coordinate(0)[i] == b.coordinate(0)[j] && a.coordinate(1)[i] == b.coordinate(1)[j]);
}

TEST_F(SessionTest, PointsOfATermDiffer) {
  const Session session(test::world(), testing::heat_problem(), setup_);
  const PointSet points = make_points(session.assembly, 0, 0);
  const TermPoints& heat = points.terms[0];
  for (std::int64_t i = 0; i < heat.local_count; ++i)
    for (std::int64_t j = 0; j < i; ++j)
      EXPECT_FALSE(heat.coordinate(0)[i] == heat.coordinate(0)[j] && heat.coordinate(1)[i] == heat.coordinate(1)[j])
          << i << " " << j;
}

// Seen in the loss: its distance from that of fp64 is one of rounding in the stage's precision.
TEST_F(SessionTest, StagesComputeInTheirPrecision) {
  setup_.training.precision = Precision::fp32;
  setup_.training.stages.resize(5);
  for (std::size_t lbfgs : {1, 2}) setup_.training.stages[lbfgs].optimizer.kind = "lbfgs";
  setup_.training.stages[4].optimizer.kind = "ssbroyden";
  setup_.training.stages[2].precision = Precision::fp32;
  setup_.training.stages[3].precision = Precision::fp64;
  const bool fp64[] = {false, true, false, true, true};
  Session session(test::world(), testing::heat_problem(), setup_);
  std::vector<double> gradient(session.parameters.size());
  TermSums sums;
  make_engine({}, session.assembly.network, session.assembly.terms)
      ->loss_and_gradient(Stream{}, session.parameters.values().data(), make_points(session.assembly, 0, 0), gradient.data(),
                          sums);
  const double expected = sums.weighted[0] + sums.weighted[1];
  for (int stage = 0; stage < 5; ++stage, session.stage.next()) {
    session.begin_stage();
    const double loss = session.objective->evaluate(session.parameters.values().data(), gradient.data()).loss;
    const double off = std::abs(loss - expected);
    EXPECT_LT(off, (fp64[stage] ? 1e-13 : 1e-4) * expected) << stage;
    if (!fp64[stage]) {
      EXPECT_GT(off, 1e-11 * expected) << stage;
    }
  }
}

// Checkpoints of earlier versions hold these items and no others: one that is added, dropped or renamed makes them useless.
TEST_F(SessionTest, ItemsOfACheckpointKeepTheirNames) {
  setup_.training.stages.resize(6);
  setup_.training.stages[1].optimizer.kind = "lbfgs";
  setup_.training.stages[2].optimizer.kind = "bfgs";
  setup_.training.stages[3].optimizer.kind = "ssbroyden";
  setup_.training.stages[4].optimizer.kind = "ngd";
  setup_.training.stages[5].optimizer.kind = "soap";
  const std::set<std::string> shared = {
      "best/loss", "best/parameters", "best/previous_parameters", "best/step", "config", "elapsed_s", "ended_by",
      "epoch", "joules", "last/gradient_norm", "last/learning_rate", "last/logged", "last/report_loss", "last/terms",
      "last/weighted", "objective/evaluations", "optimizer/rate_factor", "parameters", "products/fp32",
      "products/fp32_rate", "products/fp64", "products/fp64_rate", "recovery/roll_backs", "recovery/skipped",
      "recovery/snapshot", "recovery/snapshot_step", "stage", "stages/first_loss", "stages/losses", "stages/reasons",
      "stages/steps", "step", "stopping/best", "stopping/window_best", "stopping/window_steps", "warnings/lines"};
  const std::set<std::string> adam = {"first_moment", "schedule_step", "second_moment", "step"};
  const std::set<std::string> lbfgs = {"gradient", "loss", "newest", "rho", "s", "scale", "started", "y"};
  const std::set<std::string> dense = {"direction", "filled",   "gradient",    "loss",   "matrix/factors",
                                       "matrix/p",  "matrix/q", "matrix/rows", "started"};
  Session session(test::world(), testing::heat_problem(), setup_);
  const std::set<std::string> natural = {"damping", "gradient", "loss", "started"};
  std::set<std::string> soap = adam;
  soap.insert({"bases", "statistics"});
  for (const auto& optimizer : {adam, lbfgs, dense, dense, natural, soap}) {
    session.begin_stage();
    std::set<std::string> expected = shared, found;
    for (const std::string& name : optimizer) expected.insert("optimizer/" + name);
    for (const auto& [name, value] : capture(session.state())) found.insert(name);
    EXPECT_EQ(found, expected);
    session.stage.next();
  }
}

}  // namespace
}  // namespace jetpinn
