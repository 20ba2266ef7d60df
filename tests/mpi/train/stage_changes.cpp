// Stages that weigh terms otherwise, or at other points: they train what a run with these weights and points trains, and a
// run that was stopped in any of them goes on exactly.
#include "jetpinn/train/trainer.hpp"

#include "jetpinn/train/session.hpp"
#include "jetpinn/train/term_points.hpp"
#include "support/file_damage.hpp"
#include "support/problem_text.hpp"
#include "support/shared_folder.hpp"
#include "support/stored_case.hpp"
#include "support/training_states.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using test::world;
using testing::difference;
using testing::new_folder;
using testing::newest;
using testing::source;

constexpr std::int64_t steps_of_a_stage = 3, stages = 3, steps_of_all_stages = stages * steps_of_a_stage;

using StageWeights = std::map<std::string, std::string>;  // by terms

// Heat, its initial values, and an integral constraint.
ProblemText heat() {
  TermText mean = testing::term("mean", "u_x", "t == 1");
  mean.reduction = Reduction::square_of_mean;
  return testing::text_of(
      {testing::term("heat", "u_t - 0.1*u_xx"), testing::term("initial", "u - sin(pi*x)", "t == 0"), mean},
      "exp(-0.1*pi^2*t)*sin(pi*x)");
}

void weigh_stage(ProblemText& text, TrainSetup& setup, std::size_t stage, const StageWeights& weights) {
  text.stage_weights.resize(setup.training.stages.size());
  for (const auto& [term, weight] : weights) text.stage_weights[stage][term] = {{source(weight)}, source(weight)};
  setup.training.stages[stage].weights = weights;
}

// Adam, L-BFGS, Adam.
TrainSetup staged_setup_in(const std::string& folder, Reproducibility level) {
  TrainSetup setup = testing::quiet_setup(folder);
  setup.sampling.points = {{"heat", 900}, {"initial", 300}, {"mean", 300}};
  setup.training.reproducibility = level;
  setup.training.stages.resize(stages);
  for (StageOptions& stage : setup.training.stages) stage.steps = steps_of_a_stage;
  setup.training.stages[1].optimizer.kind = "lbfgs";
  return setup;
}

StateValues state_after(const Problem& problem, TrainSetup setup) {
  const std::string folder = setup.run_directory;
  EXPECT_EQ(train(world(), Problem(problem), std::move(setup)).status, "completed");
  world().barrier("test");
  return newest(folder).values;
}

std::vector<double> parameters_of(const StateValues& values) {
  return std::get<std::vector<double>>(values.at("parameters"));
}

// From the checkpoints of one run that saves after every step.
void expect_exact_resume(const testing::SharedFolder& base, const Problem& problem, const TrainSetup& like) {
  const auto setup_of = [&](const std::string& name) {
    TrainSetup setup = staged_setup_in(new_folder(base, name), like.training.reproducibility);
    setup.sampling = like.sampling;
    setup.training = like.training;
    return setup;
  };
  TrainSetup whole = setup_of("whole");
  const std::string saved = whole.run_directory;
  whole.output.checkpoint_every_s = 0;
  const StateValues expected = state_after(problem, std::move(whole));
  EXPECT_EQ(std::get<std::int64_t>(expected.at("step")), steps_of_all_stages);
  for (std::int64_t step = 0; step < steps_of_all_stages; ++step) {
    if (!testing::stops_at(step)) continue;
    TrainSetup part = setup_of("stopped-" + std::to_string(step));
    part.resume = testing::stopped_after(step, saved, part.run_directory);
    EXPECT_EQ(difference(expected, state_after(problem, std::move(part))), "") << "stopped after step " << step;
  }
}

class StageChanges : public ::testing::TestWithParam<Reproducibility> {};

// "initial" at the rows of a table, without the integral constraint.
struct TableCase {
  explicit TableCase(Reproducibility level) : text(heat()), setup(staged_setup_in("", level)) {
    testing::on_root([&] { write_point_table(table, testing::stored_table()); });
    text.terms.pop_back();
    setup.sampling = testing::stored_sampling(table);
  }

  const testing::SharedFolder base;
  const std::string table = base.file("set.h5");
  ProblemText text;
  TrainSetup setup;
};

TEST_P(StageChanges, OfWeightsGoOnExactly) {
  const testing::SharedFolder base;
  ProblemText text = heat();
  TrainSetup setup = staged_setup_in("", GetParam());
  setup.sampling.resample_every = 2;
  weigh_stage(text, setup, 0, {{"initial", "1 + x^2"}, {"mean", "5"}});
  weigh_stage(text, setup, 1, {{"heat", "0.5"}});
  setup.training.balance.method = BalanceMethod::relobralo;
  expect_exact_resume(base, build_problem(text), setup);
}

// The weight columns of stored points are state: there are more of them in some stages.
TEST_P(StageChanges, OfWeightsOfStoredPointsGoOnExactly) {
  TableCase of(GetParam());
  of.text.terms[1].residuals.push_back(source("u_x"));
  of.text.stage_weights.resize(stages);
  of.text.stage_weights[1]["initial"] = {{source("1"), source("2 + x")}, source("")};
  of.setup.training.stages[1].weights["initial"] = "[1, 2 + x]";
  expect_exact_resume(of.base, build_problem(of.text), of.setup);
}

TEST_P(StageChanges, AStageTrainsWhatARunWithItsWeightsTrains) {
  const testing::SharedFolder base;
  const StageWeights weights = {{"initial", "1 + x^2"}, {"mean", "5"}};
  for (const std::size_t changed : {std::size_t{0}, std::size_t{1}}) {
    const std::string name = std::to_string(changed);
    ProblemText staged = heat(), whole = heat();
    TrainSetup first = staged_setup_in(new_folder(base, "staged-" + name), GetParam()),
               second = staged_setup_in(new_folder(base, "whole-" + name), GetParam());
    first.training.stages.resize(2);
    second.training.stages.resize(2);
    weigh_stage(staged, first, changed, weights);
    // The same the other way round: the run has the weights, and its other stage those of the problem.
    for (const auto& [term, weight] : weights)
      for (TermText& of : whole.terms)
        if (of.name == term) of.weight = {source(weight)};
    weigh_stage(whole, second, 1 - changed, {{"initial", "1"}, {"mean", "1"}});
    EXPECT_EQ(parameters_of(state_after(build_problem(staged), first)),
              parameters_of(state_after(build_problem(whole), second)))
        << "stage " << changed;
  }
}

SamplingOptions sampled_in_stages() {
  SamplingOptions sampling = staged_setup_in("", Reproducibility::run).sampling;
  sampling.resample_every = 2;
  sampling.stages.resize(stages);
  sampling.stages[1].points = {{"heat", 2000}, {"mean", 40}};
  sampling.stages[1].method = SamplingMethod::lhs;
  sampling.stages[2].points = {{"heat", 500}};
  sampling.stages[2].resample_every = 3;
  return sampling;
}

// The epoch goes on from stage to stage; batches are of the stage's points.
TEST_P(StageChanges, OfPointsGoOnExactly) {
  const testing::SharedFolder base;
  TrainSetup setup = staged_setup_in("", GetParam());
  setup.sampling = sampled_in_stages();
  expect_exact_resume(base, build_problem(heat()), setup);
}

TEST_P(StageChanges, OfPointsInBatchesGoOnExactly) {
  const testing::SharedFolder base;
  TrainSetup setup = staged_setup_in("", GetParam());
  setup.sampling = sampled_in_stages();
  setup.sampling.batch = {{"heat", block_points}};
  setup.training.stages[1].optimizer.kind = "adam";
  setup.training.balance.method = BalanceMethod::gradnorm;
  setup.training.balance.every = 2;
  expect_exact_resume(base, build_problem(heat()), setup);
}

// Rows of a table go to other ranks where the points of other terms are dealt otherwise.
TEST_P(StageChanges, OfPointsBesideATableGoOnExactly) {
  TableCase of(GetParam());
  of.setup.sampling.stages.resize(stages);
  of.setup.sampling.stages[1].points = {{"heat", 3000}};
  expect_exact_resume(of.base, build_problem(of.text), of.setup);
}

TEST_P(StageChanges, AStageTrainsWhatARunWithItsPointsTrains) {
  const testing::SharedFolder base;
  for (const std::size_t changed : {std::size_t{0}, std::size_t{1}}) {
    const std::string name = std::to_string(changed);
    TrainSetup staged = staged_setup_in(new_folder(base, "staged-" + name), GetParam()),
               whole = staged_setup_in(new_folder(base, "whole-" + name), GetParam());
    for (TrainSetup* setup : {&staged, &whole}) {
      setup->training.stages.resize(2);
      setup->sampling.stages.resize(2);
    }
    const StageSampling other = {{{"heat", 1500}}, SamplingMethod::uniform, 2};
    staged.sampling.stages[changed] = other;
    // The same the other way round: the run has these points, and its other stage those of the config.
    const PointChoice own = whole.sampling;
    whole.sampling.method = *other.method;
    whole.sampling.points["heat"] = other.points.at("heat");
    whole.sampling.resample_every = *other.resample_every;
    whole.sampling.stages[1 - changed] = {own.points, own.method, own.resample_every};
    const StateValues a = state_after(build_problem(heat()), staged), b = state_after(build_problem(heat()), whole);
    EXPECT_EQ(parameters_of(a), parameters_of(b)) << "stage " << changed;
    EXPECT_EQ(std::get<std::int64_t>(a.at("epoch")), std::get<std::int64_t>(b.at("epoch")));
  }
}

// Two runs that both went on with the points of the stage before would agree: here they are looked at.
TEST_P(StageChanges, AStageBeginsWithItsPoints) {
  const testing::SharedFolder base;
  TrainSetup setup = staged_setup_in(new_folder(base, "points"), GetParam());
  setup.sampling.stages.resize(stages);
  setup.sampling.stages[1] = {{{"heat", 1500}}, SamplingMethod::uniform, 0};
  Session session(world(), build_problem(heat()), setup);
  session.start();
  for (const std::int64_t points : {900, 1500, 900}) {
    session.begin_stage();
    const PointSet wanted = make_points(session.assembly, world().rank(), 0);
    for (std::size_t t = 0; t < wanted.terms.size(); ++t)
      EXPECT_EQ(session.points.set().terms[t].coordinates, wanted.terms[t].coordinates) << t;
    EXPECT_EQ(session.points.set().terms[0].global_count, points);
    session.stage.next();
  }
  world().barrier("test");
}

INSTANTIATE_TEST_SUITE_P(Levels, StageChanges, ::testing::Values(Reproducibility::run, Reproducibility::ranks),
                         [](const auto& info) { return std::string(to_string(info.param)); });

}  // namespace
}  // namespace jetpinn
