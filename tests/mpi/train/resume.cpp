// A run that was stopped after any step and goes on from its checkpoint ends in the same state as one that
// was never stopped, bit for bit.
#include "jetpinn/train/trainer.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/io/checkpoint_store.hpp"
#include "jetpinn/train/session.hpp"
#include "jetpinn/train/term_points.hpp"
#include "support/problem_text.hpp"
#include "support/resumed_run.hpp"
#include "support/shared_folder.hpp"
#include "support/training_states.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using test::world;
using testing::adam_steps;
using testing::all_steps;
using testing::End;
using testing::end_of;
using testing::exact_difference;
using testing::last_line;
using testing::new_folder;
using testing::newest;
using testing::small_setup;
using testing::stop_at;

class Resume : public ::testing::TestWithParam<Reproducibility> {};

TrainSetup setup_at(Reproducibility level, const std::string& folder) {
  TrainSetup setup = small_setup(folder);
  setup.training.reproducibility = level;
  return setup;
}

// Goes on in the folder of `part` and ends as the run in `whole`, whose last state is `expected`.
void expect_same_end(TrainSetup part, LoadedCheckpoint stopped, const StateValues& expected, const std::string& whole) {
  part.stop_requested = [] { return false; };
  part.resume = std::move(stopped);
  EXPECT_EQ(train(world(), testing::heat_problem(), part).status, "completed");
  world().barrier("test");
  const StateValues values = newest(part.run_directory).values;
  // At level fast each run takes the products that it measured as the fastest, which others on the machine can change.
  const auto other_product = [&](const char* name) { return values.at(name) != expected.at(name); };
  const bool fast = part.training.reproducibility == Reproducibility::fast;
  if (fast && (other_product("products/fp32") || other_product("products/fp64"))) return;
  EXPECT_EQ(exact_difference(expected, values), "");
  EXPECT_EQ(last_line(whole + "/metrics.jsonl"), last_line(part.run_directory + "/metrics.jsonl"));
}

// From the checkpoints of one run that saves after every step, which changes nothing else.
TEST_P(Resume, IsExactAfterEveryStep) {
  const testing::SharedFolder base;
  const std::string whole = new_folder(base, "whole"), saved = new_folder(base, "saved");
  EXPECT_EQ(train(world(), testing::heat_problem(), setup_at(GetParam(), whole)).status, "completed");
  world().barrier("test");
  const StateValues expected = newest(whole).values;
  EXPECT_EQ(std::get<std::int64_t>(expected.at("step")), all_steps);
  TrainSetup saves = setup_at(GetParam(), saved);
  saves.output.checkpoint_every_s = 0;
  EXPECT_EQ(train(world(), testing::heat_problem(), saves).status, "completed");
  for (std::int64_t step = 0; step < all_steps; ++step) {
    if (!testing::stops_at(step)) continue;
    SCOPED_TRACE("stopped after step " + std::to_string(step));
    const std::string folder = new_folder(base, "stopped-" + std::to_string(step));
    expect_same_end(setup_at(GetParam(), folder), testing::stopped_after(step, saved, folder), expected, whole);
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, Resume,
                         ::testing::Values(Reproducibility::fast, Reproducibility::run, Reproducibility::ranks),
                         [](const auto& info) { return std::string(to_string(info.param)); });

// Asked to stop within steps too: a search takes several evaluations.
TEST(ResumeTest, IsExactWhereverItIsStopped) {
  const testing::SharedFolder base;
  constexpr Reproducibility level = Reproducibility::ranks;
  const std::string whole = new_folder(base, "whole");
  EXPECT_EQ(train(world(), testing::heat_problem(), setup_at(level, whole)).status, "completed");
  world().barrier("test");
  const StateValues expected = newest(whole).values;
  std::set<std::int64_t> stops;
  for (std::int64_t evaluation = 0; evaluation < 100; ++evaluation) {
    SCOPED_TRACE("stopped at evaluation " + std::to_string(evaluation));
    TrainSetup part = setup_at(level, new_folder(base, "stopped-" + std::to_string(evaluation)));
    part.stop_requested = stop_at(evaluation);
    if (train(world(), testing::heat_problem(), part).status == "completed") break;   // the run has fewer evaluations
    world().barrier("test");
    LoadedCheckpoint stopped = newest(part.run_directory);
    stops.insert(std::get<std::int64_t>(stopped.values.at("step")));
    expect_same_end(part, std::move(stopped), expected, whole);
  }
  EXPECT_EQ(stops.size(), static_cast<std::size_t>(all_steps));  // every step was stopped at
}

// Adam in bf16, then L-BFGS in fp64, which is its precision unless the config says another.
TEST(ResumeTest, GoesOnExactlyInBf16AndBeyond) {
  const testing::SharedFolder base;
  const auto setup_in = [&](const std::string& name) {
    TrainSetup setup = small_setup(new_folder(base, name));
    setup.training.precision = Precision::bf16;
    setup.training.reproducibility = Reproducibility::ranks;
    setup.training.stop.stall_steps = 0;
    setup.training.stages.resize(2);
    return setup;
  };
  const TrainSetup whole = setup_in("whole");
  const double loss = train(world(), testing::heat_problem(), whole).loss;
  world().barrier("test");
  const StateValues expected = newest(whole.run_directory).values;
  TrainSetup exact = setup_in("fp64");
  exact.training.precision = Precision::fp64;
  EXPECT_NE(train(world(), testing::heat_problem(), exact).loss, loss) << "the first stage rounds";
  for (const std::int64_t evaluation : {2, 7, 9}) {  // in bf16, where the precision changes, in fp64
    TrainSetup part = setup_in(std::to_string(evaluation));
    part.stop_requested = stop_at(evaluation);
    EXPECT_NE(train(world(), testing::heat_problem(), part).status, "completed");
    world().barrier("test");
    const End end = end_of(setup_in("on-" + std::to_string(evaluation)),
                           new_folder(base, "end-" + std::to_string(evaluation)), newest(part.run_directory));
    EXPECT_EQ(end.loss, loss) << "stopped at evaluation " << evaluation;
    EXPECT_EQ(exact_difference(expected, *end.state), "") << "stopped at evaluation " << evaluation;
  }
}

// u_t - k u_xx with a k that is trained: the last entry of the parameters.
Problem unknown_diffusivity() {
  Problem problem = testing::heat_problem();
  problem.trained = {{"k", 0.4, {}, {}}};
  ExpressionGraph& g = problem.graph;
  const NodeId u_t = g.field(0, Derivative{}.along(0)), u_xx = g.field(0, Derivative{}.along(1).along(1));
  problem.terms[0].stated = problem.terms[0].residuals = {g.subtract(u_t, g.multiply(g.trainable(0), u_xx))};
  return problem;
}

TEST(ResumeTest, TrainablesGoOnWhereTheyWere) {
  const testing::SharedFolder base;
  TrainSetup setup = small_setup(new_folder(base, "whole"));
  EXPECT_EQ(train(world(), unknown_diffusivity(), setup).status, "completed");
  world().barrier("test");
  const StateValues expected = newest(setup.run_directory).values;
  const double trained = std::get<std::vector<double>>(expected.at("parameters")).back();
  EXPECT_GT(std::abs(trained - 0.4), 1e-4) << "it was trained";
  for (const std::int64_t evaluation : {4, 9}) {   // in the stage of Adam, in that of L-BFGS
    TrainSetup part = small_setup(new_folder(base, std::to_string(evaluation)));
    part.stop_requested = stop_at(evaluation);
    EXPECT_NE(train(world(), unknown_diffusivity(), part).status, "completed");
    world().barrier("test");
    LoadedCheckpoint from = newest(part.run_directory);
    EXPECT_NE(std::get<std::vector<double>>(from.values.at("parameters")).back(), trained);
    part.stop_requested = [] { return false; };
    part.resume = std::move(from);
    EXPECT_EQ(train(world(), unknown_diffusivity(), part).status, "completed");
    world().barrier("test");
    EXPECT_EQ(exact_difference(expected, newest(part.run_directory).values), "") << "stopped at evaluation " << evaluation;
  }
}

// In fp64, where host and device differ by what roundings grow to in as many steps.
TrainSetup setup_on(const std::string& device, const std::string& folder) {
  TrainSetup setup = small_setup(folder);
  setup.training.device = device;
  setup.training.precision = Precision::fp64;
  setup.training.stages[2].precision.reset();
  setup.training.stages.resize(3);  // dense optimisers and ngd have no vectors on a device
  setup.training.stop.stall_steps = 0;
  return setup;
}

// Parameters, moments, pairs and the best network are in the device's memory when a run is stopped. A checkpoint of either
// goes on on either: on the same in the same bits, on the other with the same values.
TEST(ResumeTest, GoesOnOnADeviceAndFromOne) {
  const testing::SharedFolder base;
  const TrainSetup whole = setup_on("emulated", new_folder(base, "whole")), host = setup_on("cpu", new_folder(base, "host"));
  const double loss = train(world(), testing::heat_problem(), whole).loss;
  EXPECT_NEAR(train(world(), testing::heat_problem(), host).loss, loss, 1e-11 * loss);
  world().barrier("test");
  const StateValues expected = newest(whole.run_directory).values;
  for (const std::int64_t evaluation : {3, 9, 12}) {  // in the stage of Adam, with one pair, with several
    if (!testing::stops_at(evaluation)) continue;
    for (const std::string from : {"emulated", "cpu"}) {
      TrainSetup part = setup_on(from, new_folder(base, from + std::to_string(evaluation)));
      part.stop_requested = stop_at(evaluation);
      EXPECT_NE(train(world(), testing::heat_problem(), part).status, "completed");
      world().barrier("test");
      const LoadedCheckpoint stopped = newest(part.run_directory);
      const std::string to = from == "cpu" ? "emulated" : "cpu";
      const End other = end_of(setup_on(to, ""), new_folder(base, from + "-" + to + std::to_string(evaluation)), stopped);
      EXPECT_NEAR(other.loss, loss, 1e-11 * loss) << from << ", stopped at evaluation " << evaluation;
      if (from == "cpu") continue;
      const End same = end_of(setup_on(from, ""), new_folder(base, from + "-" + std::to_string(evaluation)), stopped);
      EXPECT_EQ(exact_difference(expected, *same.state), "") << "stopped at evaluation " << evaluation;
    }
  }
}

// A run that saves after every step takes the same steps: what was fetched for a checkpoint is what the next step begins
// with.
TEST(ResumeTest, SavesOnADeviceChangeNothing) {
  const testing::SharedFolder base;
  TrainSetup seldom = setup_on("emulated", new_folder(base, "seldom")),
             often = setup_on("emulated", new_folder(base, "often"));
  often.output.checkpoint_every_s = 0;
  EXPECT_EQ(train(world(), testing::heat_problem(), seldom).loss, train(world(), testing::heat_problem(), often).loss);
  world().barrier("test");
  EXPECT_EQ(exact_difference(newest(seldom.run_directory).values, newest(often.run_directory).values), "");
}

// A run that ended goes on under a longer plan and is killed before its first step: the folder tells of the new plan alone,
// and so does the checkpoint.
TEST(ResumeTest, ALongerPlanIsSavedBeforeItsSteps) {
  const testing::SharedFolder base;
  TrainSetup setup = small_setup(new_folder(base, "run"));
  setup.training.stages.resize(1);
  setup.training.stop.loss = 1e300;
  EXPECT_EQ(train(world(), testing::heat_problem(), setup).stopped_by, "loss");
  world().barrier("test");
  setup.training.stop.loss = 0;
  setup.resume = newest(setup.run_directory);
  setup.longer = true;
  { const Session killed(world(), testing::heat_problem(), setup); }
  world().barrier("test");
  setup.resume = newest(setup.run_directory);
  setup.longer = false;
  EXPECT_EQ(train(world(), testing::heat_problem(), setup).stopped_by, "steps");
  world().barrier("test");
  EXPECT_EQ(std::get<std::int64_t>(newest(setup.run_directory).values.at("step")), adam_steps);
}

// A weight that is negative at one of the points that rank 0 draws for the second epoch, and at no earlier one.
TEST(TrainTest, AWeightThatIsNoneAtNewPointsEndsTheRunEverywhere) {
  const testing::SharedFolder base;
  TrainSetup setup = small_setup(new_folder(base, "run"));
  setup.run.deadline_s = 20;
  const Assembly assembly =
      assemble(testing::heat_problem(), setup.network, setup.sampling, setup.training.seed, world().size());
  const double bad = make_points(assembly, 0, 1).terms[0].coordinate(1)[0];
  Problem problem = testing::heat_problem();
  ExpressionGraph& g = problem.graph;
  const NodeId off = g.subtract(g.coordinate(1), g.constant(bad));
  const NodeId weight = g.subtract(g.multiply(off, off), g.constant(1e-24));
  problem.terms[0].weights = {weight};
  for (Variant& variant : problem.variants) variant.weights[0] = {weight};
  try {
    train(world(), std::move(problem), setup);
    ADD_FAILURE() << "a negative weight";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), Status::usage) << error.what();
    EXPECT_EQ(dynamic_cast<const FailedElsewhere*>(&error) == nullptr, world().root());
  }
}

// Parameters at which the loss overflows: the run is told to stop before it has skipped steps enough to end by itself.
TEST(TrainTest, ARunThatIsStoppedWhileItsLossIsNotFiniteGoesOn) {
  const testing::SharedFolder base;
  TrainSetup setup = small_setup(new_folder(base, "run"));
  const Assembly assembly =
      assemble(testing::heat_problem(), setup.network, setup.sampling, setup.training.seed, world().size());
  setup.start_parameters.assign(static_cast<std::size_t>(assembly.network.parameters), 1e200);
  setup.stop_requested = stop_at(0);
  EXPECT_EQ(train(world(), testing::heat_problem(), setup).status, "stopped");
  world().barrier("test");
  setup.resume = newest(setup.run_directory);
  EXPECT_EQ(std::get<std::int64_t>(setup.resume->values.at("step")), 0) << "what is not finite is not saved";
  setup.stop_requested = [] { return false; };
  EXPECT_THROW(train(world(), testing::heat_problem(), setup), Error) << "no step comes that is sound";
}

// Ranks that began at different times write, evaluate and save at the same steps: what is collective must
// not hang on a clock of their own.
TEST(TrainTest, NothingHangsOnWhenARankBegan) {
  const testing::SharedFolder base;
  for (const double log_every_s : {0.0, 30.0}) {
    TrainSetup setup = small_setup(new_folder(base, std::to_string(log_every_s)));
    setup.program_start = wall_seconds() - 100.0 * world().rank();
    setup.output.log_every_s = log_every_s;
    setup.output.checkpoint_every_s = log_every_s;
    setup.run.deadline_s = 20;
    EXPECT_EQ(train(world(), testing::heat_problem(), setup).status, "completed");
    world().barrier("test");
    LoadedCheckpoint from = newest(setup.run_directory);
    setup.training.stages.back().steps += 3;
    setup.longer = true;
    setup.resume = std::move(from);
    EXPECT_EQ(train(world(), testing::heat_problem(), setup).status, "completed");
  }
}

}  // namespace
}  // namespace jetpinn
