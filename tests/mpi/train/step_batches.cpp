// Trainings in mini-batches: a step's points, gradient and bits are those of one rank, and a run goes on within an epoch as
// if it had never stopped.
#include "jetpinn/train/step_batches.hpp"

#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/io/checkpoint_store.hpp"
#include "jetpinn/train/objective.hpp"
#include "jetpinn/train/term_points.hpp"
#include "jetpinn/train/trainer.hpp"
#include "support/file_damage.hpp"
#include "support/shared_folder.hpp"
#include "support/stored_case.hpp"
#include "support/training_states.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

using test::world;
using testing::difference;
using testing::newest;

constexpr std::int64_t batch_adam_steps = 9, lbfgs_steps = 3;

class StepBatchesOverRanks : public ::testing::Test {
 protected:
  StepBatchesOverRanks() {
    testing::on_root([&] { write_point_table(table_, testing::stored_table()); });
  }

  // heat: 6 blocks in 3 batches, initial: 4 blocks of a table in 2, the last of 5 points.
  SamplingOptions sampling() const {
    SamplingOptions options = testing::stored_sampling(table_);
    options.points["heat"] = 5 * block_points + 17;
    options.batch = {{"heat", 2 * block_points}, {"initial", 2 * block_points}};
    return options;
  }
  TrainSetup setup_in(const std::string& name, Reproducibility level) const {
    TrainSetup setup = testing::quiet_setup(base_.file(name));
    testing::on_root([&] { std::filesystem::create_directories(setup.run_directory); });
    setup.sampling = sampling();
    setup.sampling.resample_every = 4;
    setup.training.reproducibility = level;
    setup.training.stages.resize(2);
    setup.training.stages[0].steps = batch_adam_steps;
    setup.training.stages[1].steps = lbfgs_steps;
    setup.training.stages[1].optimizer.kind = "lbfgs";
    return setup;
  }
  TrainResult trained(const TrainSetup& setup) const {
    const TrainResult result = train(world(), testing::heat_problem(), setup);
    world().barrier("test");
    return result;
  }

  const testing::SharedFolder base_;
  const std::string table_ = base_.file("set.h5");
};

double number_in_summary(const std::string& folder, const std::string& key) {
  std::ifstream in(folder + "/summary.json");
  std::stringstream text;
  text << in.rdbuf();
  const std::size_t at = text.str().find("\"" + key + "\":");
  EXPECT_NE(at, std::string::npos) << key;
  return std::stod(text.str().substr(at + key.size() + 3));
}

TEST_F(StepBatchesOverRanks, EveryStepHasTheBitsOfOneRank) {
  TrainingOptions training;
  training.stages.resize(1);
  NetworkOptions network;
  network.hidden = {6, 5};
  const Assembly problem = assemble(testing::heat_problem(), network, sampling(), 3, world().size()),
                 alone = assemble(testing::heat_problem(), network, sampling(), 3, 1);
  EngineOptions options;
  options.reproducibility = Reproducibility::ranks;
  const auto engine = make_engine(options, problem.network, problem.terms);
  std::vector<double> parameters(static_cast<std::size_t>(problem.network.parameters)), gradient(parameters.size());
  initialize(problem.network, 0, parameters.data());
  const PointSet mine = make_points(problem, world().rank(), 0), all = make_points(alone, 0, 0);
  StepBatches shared(problem, training), whole(alone, training);
  shared.enter(0), whole.enter(0);
  DistributedObjective objective(world(), *engine, mine, problem.network.parameters, 2, true, 60, {});
  double previous = 0;
  for (std::int64_t step = 0; step < 7; ++step) {
    objective.use(shared.take(mine, step));
    const double loss = objective.evaluate(parameters.data(), gradient.data()).loss;
    ExactSum total(problem.network.parameters + 4);
    engine->loss_and_gradient_exact(Stream{}, parameters.data(), whole.take(all, step), total);
    EXPECT_EQ(loss, total.value(problem.network.parameters) + total.value(problem.network.parameters + 1)) << step;
    for (std::int64_t i = 0; i < problem.network.parameters; ++i)
      ASSERT_EQ(gradient[static_cast<std::size_t>(i)], total.value(i)) << step;
    EXPECT_NE(loss, previous) << "another batch";
    previous = loss;
  }
}

// Within an epoch and at its end, in the stage of batches and behind it.
TEST_F(StepBatchesOverRanks, ARunGoesOnWithinAnEpoch) {
  for (const Reproducibility level : {Reproducibility::run, Reproducibility::ranks}) {
    const std::string name = to_string(level);
    const TrainSetup whole = setup_in(name, level);
    EXPECT_EQ(trained(whole).status, "completed");
    const StateValues expected = newest(whole.run_directory).values;
    TrainSetup saves = setup_in(name + "-saved", level);
    saves.output.checkpoint_every_s = 0;
    EXPECT_EQ(trained(saves).status, "completed");
    for (std::int64_t stop = 0; stop < batch_adam_steps + lbfgs_steps; ++stop) {
      if (!testing::stops_at(stop)) continue;
      TrainSetup part = setup_in(name + std::to_string(stop), level);
      part.resume = testing::stopped_after(stop, saves.run_directory, part.run_directory);
      EXPECT_EQ(trained(part).status, "completed");
      EXPECT_EQ(difference(expected, newest(part.run_directory).values), "") << "stopped after step " << stop;
      EXPECT_EQ(number_in_summary(part.run_directory, "loss"), number_in_summary(whole.run_directory, "loss"));
    }
  }
}

// Steps in batches see parts of the points, all others all of them; the loss at the end is that of all points.
TEST_F(StepBatchesOverRanks, ASummaryCountsWhatWasSeen) {
  TrainSetup setup = setup_in("seen", Reproducibility::ranks);
  setup.training.stages.resize(1);
  setup.training.stages[0].steps = 6;  // two epochs of heat, three of initial
  setup.sampling.resample_every = 0;
  setup.output.keep_best = false;
  const double loss = trained(setup).loss;
  const double heat = 5 * block_points + 17, initial = testing::stored_rows;
  EXPECT_EQ(number_in_summary(setup.run_directory, "points"), heat + initial);
  EXPECT_EQ(number_in_summary(setup.run_directory, "points_seen"), 2 * heat + 3 * initial + heat + initial);

  const Assembly alone = assemble(testing::heat_problem(), setup.network, setup.sampling, setup.training.seed, 1);
  EngineOptions options;
  options.reproducibility = Reproducibility::ranks;
  const auto engine = make_engine(options, alone.network, alone.terms);
  const auto parameters = std::get<std::vector<double>>(newest(setup.run_directory).values.at("parameters"));
  ExactSum total(alone.network.parameters + 4);
  engine->loss_and_gradient_exact(Stream{}, parameters.data(), make_points(alone, 0, 0), total);
  EXPECT_EQ(loss, total.value(alone.network.parameters) + total.value(alone.network.parameters + 1));

  // Its steps were not those of a run that takes all points in each.
  TrainSetup at_once = setup_in("at_once", Reproducibility::ranks);
  at_once.training = setup.training, at_once.sampling = setup.sampling, at_once.output = setup.output;
  at_once.sampling.batch.clear();
  EXPECT_EQ(trained(at_once).status, "completed");
  EXPECT_NE(std::get<std::vector<double>>(newest(at_once.run_directory).values.at("parameters")), parameters);
}

}  // namespace
}  // namespace jetpinn
