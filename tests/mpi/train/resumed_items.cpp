// What a run remembers besides parameters and optimisers goes on too, and nothing that it remembers is there for nothing.
#include "jetpinn/train/trainer.hpp"

#include "jetpinn/io/checkpoint_store.hpp"
#include "support/problem_text.hpp"
#include "support/resumed_run.hpp"
#include "support/shared_folder.hpp"
#include "support/training_states.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using test::world;
using testing::adam_steps;
using testing::causal_problem;
using testing::clocks;
using testing::End;
using testing::end_of;
using testing::exact_difference;
using testing::kept_of;
using testing::last_line;
using testing::new_folder;
using testing::newest;
using testing::problem_for;
using testing::small_setup;
using testing::stop_at;

// In batches of Adam, then in searches; a refresh after every second step.
TrainSetup balanced(BalanceMethod method) {
  TrainSetup setup = small_setup("");
  setup.sampling.resample_every = 0;
  setup.sampling.batch = {{"heat", 2 * block_points}};
  setup.training.stages.resize(3);
  setup.training.balance.method = method;
  setup.training.balance.every = 2;
  setup.training.balance.search_every = 3;
  if (method == BalanceMethod::relobralo) setup.training.balance.look_back = setup.training.balance.momentum = 0.5;
  return setup;
}

constexpr double from_nowhere = 1e300;
double real(const StateValue& value) { return std::get<std::vector<double>>(value).at(0); }

// What an item is worth when it was not restored.
StateValue dropped(const std::string& item, const StateValue& value) {
  if (clocks.count(item)) return std::vector<double>{from_nowhere};
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::int64_t{*number == 0 ? 1 : 0};
  if (const auto* word = std::get_if<std::string>(&value)) return std::string(word->empty() ? "loss" : "");
  if (const auto* column = std::get_if<ColumnValue>(&value))
    return ColumnValue{column->rows, [](std::int64_t, std::int64_t count, double* out) { std::fill_n(out, count, 2.0); }};
  std::vector<double> reals = std::get<std::vector<double>>(value);
  const bool zero = std::all_of(reals.begin(), reals.end(), [](double x) { return x == 0; });
  std::fill(reals.begin(), reals.end(), zero ? 1.0 : 0.0);
  if (reals.empty()) reals = {1.0};
  return reals;
}

// A run that goes on with this item dropped can be told from one that kept it.
bool matters(const std::string& item, const LoadedCheckpoint& from, const TrainSetup& setup, const std::string& folder,
             const End& kept) {
  LoadedCheckpoint crippled = from;
  crippled.values[item] = dropped(item, from.values.at(item));
  End end;
  try {
    end = end_of(setup, folder, crippled);
  } catch (const Error&) {
    return true;
  }
  if (end.state.has_value() != kept.state.has_value() || end.line != kept.line || end.lines != kept.lines ||
      end.loss != kept.loss || end.kept != kept.kept)
    return true;
  if (!end.state) return false;
  // Clocks differ always, but not by as much as was put in for what was dropped.
  if (clocks.count(item)) return real(end.state->at(item)) > 0.5 * from_nowhere || real(kept.state->at(item)) < 0;
  return !exact_difference(*kept.state, *end.state).empty();
}

TrainSetup adam_alone(double rate) {
  TrainSetup setup = small_setup("");
  setup.sampling.resample_every = 0;
  setup.training.stages.resize(1);
  setup.training.stages[0].optimizer.learning_rate = {};
  setup.training.stages[0].optimizer.learning_rate.start = rate;
  setup.training.stages[0].optimizer.clip = 0;
  setup.output.log_every_s = 0;
  return setup;
}

// Four batches of the equation, two of the condition.
TrainSetup adam_in_batches() {
  TrainSetup setup = adam_alone(1e-3);
  setup.sampling.batch = {{"heat", block_points}, {"initial", block_points}};
  return setup;
}

// A gate that scores by all it can, over a second stage that has none.
TrainSetup gated() {
  TrainSetup setup = adam_alone(1e-2);
  setup.training.gate.target = 0.2;
  setup.training.gate.warm_up = 2;
  setup.training.gate.refresh = 3;
  setup.training.gate.significance.gradient = 0.5;
  setup.training.stages[0].steps = 12;
  setup.training.stages.push_back(setup.training.stages[0]);
  setup.training.stages[1].steps = 2;
  setup.training.stages[1].optimizer.kind = "lbfgs";
  setup.sampling.gated = true;
  return setup;
}

// It leaves the network of its last step, and is not scored after the ninth: the loss that it tells is that of the ninth.
TrainSetup gated_alone() {
  TrainSetup setup = gated();
  setup.training.stages.resize(1);
  setup.training.stages[0].steps = 11;
  setup.output.keep_best = false;
  return setup;
}

TEST(ResumeTest, GatedRunsGoOnExactly) {
  const testing::SharedFolder base;
  int count = 0;
  TrainSetup setup = gated();
  setup.training.reproducibility = Reproducibility::ranks;
  setup.run_directory = new_folder(base, std::to_string(++count));
  EXPECT_EQ(train(world(), testing::heat_problem(), setup).status, "completed");
  world().barrier("test");
  const StateValues expected = newest(setup.run_directory).values;
  for (const std::int64_t evaluation : {0, 1, 3, 4, 6, 7, 11, 13}) {  // scored at 2, 5 and 8; 6: between, with changes
    if (!testing::stops_at(evaluation)) continue;
    TrainSetup part = setup;
    part.run_directory = new_folder(base, std::to_string(++count));
    part.stop_requested = stop_at(evaluation);
    EXPECT_EQ(train(world(), testing::heat_problem(), part).status, "stopped");
    world().barrier("test");
    part.resume = newest(part.run_directory);
    part.stop_requested = [] { return false; };
    EXPECT_EQ(train(world(), testing::heat_problem(), part).status, "completed");
    world().barrier("test");
    EXPECT_EQ(exact_difference(expected, newest(part.run_directory).values), "") << "stopped at evaluation " << evaluation;
  }
}

constexpr BalanceMethod balance_methods[] = {BalanceMethod::gradnorm, BalanceMethod::ntk, BalanceMethod::relobralo,
                                             BalanceMethod::self_adaptive, BalanceMethod::rba};

// Weights that follow the training are part of what a run goes on from.
TEST(ResumeTest, BalancedRunsGoOnExactly) {
  const testing::SharedFolder base;
  int count = 0;
  for (const BalanceMethod method : balance_methods) {
    TrainSetup setup = balanced(method);
    setup.training.reproducibility = Reproducibility::ranks;
    setup.run_directory = new_folder(base, std::to_string(++count));
    EXPECT_EQ(train(world(), causal_problem(), setup).status, "completed") << to_string(method);
    world().barrier("test");
    const StateValues expected = newest(setup.run_directory).values;
    for (const std::int64_t evaluation : {0, 1, 4, 9, 14}) {
      if (!testing::stops_at(evaluation)) continue;
      TrainSetup part = setup;
      part.run_directory = new_folder(base, std::to_string(++count));
      part.stop_requested = stop_at(evaluation);
      EXPECT_EQ(train(world(), causal_problem(), part).status, "stopped");
      world().barrier("test");
      part.resume = newest(part.run_directory);
      part.stop_requested = [] { return false; };
      EXPECT_EQ(train(world(), causal_problem(), part).status, "completed");
      world().barrier("test");
      EXPECT_EQ(exact_difference(expected, newest(part.run_directory).values), "")
          << to_string(method) << ", stopped at evaluation " << evaluation;
    }
  }
}

// Where the loss rises, the network that a run leaves is one of before it was stopped.
TEST(ResumeTest, TheBestNetworkIsOneOfBeforeTheStop) {
  const testing::SharedFolder base;
  const auto setup_in = [&](const std::string& name) {
    TrainSetup setup = adam_alone(5);
    setup.training.reproducibility = Reproducibility::ranks;
    setup.run_directory = new_folder(base, name);
    return setup;
  };
  const TrainSetup whole = setup_in("whole");
  const double loss = train(world(), testing::heat_problem(), whole).loss;
  world().barrier("test");
  const std::string kept = kept_of(whole.run_directory);
  EXPECT_NE(kept.find(": 0"), std::string::npos) << kept << ", and no step at such a rate makes the loss smaller";
  TrainSetup part = setup_in("part");
  part.stop_requested = stop_at(adam_steps - 2);
  EXPECT_EQ(train(world(), testing::heat_problem(), part).status, "stopped");
  world().barrier("test");
  const End end = end_of(setup_in("unused"), new_folder(base, "end"), newest(part.run_directory));
  EXPECT_EQ(end.kept, kept);
  EXPECT_EQ(end.loss, loss);
}

// Every item of a checkpoint is needed: without it some run differs, stopped at some place in either stage or after its last
// step. Where the loss rises, the best network is one of the past; where it falls, the last but one. Whether an item is
// needed does not depend on ranks, so several of them drop those of one run alone.
TEST(ResumeTest, NeedsEveryItem) {
  const testing::SharedFolder base;
  std::vector<std::pair<TrainSetup, std::vector<std::int64_t>>> runs = {
      {small_setup(""), {5, 10, 13, 15, 17, 21, 23, 26, 28, 1000}},
      {adam_alone(5), {1000}},
      {adam_alone(1e-3), {adam_steps - 2}},
      {adam_in_batches(), {adam_steps - 2}},
      {balanced(BalanceMethod::relobralo), {adam_steps - 3}},
      {balanced(BalanceMethod::rba), {adam_steps - 3}},
      {gated(), {1, 6}},
      {gated_alone(), {9}}};
  const bool all = world().size() == 1;
  const std::set<std::string> of_several_ranks = {"parameters", "optimizer/first_moment", "optimizer/second_moment"};
  if (!all) runs = {{adam_in_batches(), {adam_steps - 2}}};
  std::set<std::string> items, needed;
  const std::set<std::string> elsewhere = {"config"};  // compared by the command before a session
                                                       // begins: tests/acceptance/resume.py
  int count = 0;
  for (const auto& [setup, evaluations] : runs) {
    for (const std::int64_t evaluation : evaluations) {
      TrainSetup part = setup;
      part.run_directory = new_folder(base, std::to_string(++count));
      part.stop_requested = stop_at(evaluation);
      train(world(), problem_for(part), part);
      world().barrier("test");
      const LoadedCheckpoint from = newest(part.run_directory);
      const End kept = end_of(setup, new_folder(base, std::to_string(++count)), from);
      for (const auto& [item, value] : from.values) {
        if (!all && !of_several_ranks.count(item)) continue;
        items.insert(item);
        if (needed.count(item) || elsewhere.count(item)) continue;
        if (matters(item, from, setup, new_folder(base, std::to_string(++count)), kept)) needed.insert(item);
      }
    }
  }
  for (const std::string& item : items)
    EXPECT_TRUE(needed.count(item) || elsewhere.count(item)) << item << " can be dropped without a trace";
  if (all)
    EXPECT_GT(items.size(), 30u);
  else
    EXPECT_EQ(items, of_several_ranks);
}

}  // namespace
}  // namespace jetpinn
