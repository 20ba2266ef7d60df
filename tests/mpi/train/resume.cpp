// A run that was stopped after any step and goes on from its checkpoint ends in the same state as one that
// was never stopped, bit for bit.
#include "jetpinn/train/trainer.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/io/checkpoint_store.hpp"
#include "support/problem_text.hpp"
#include "support/shared_folder.hpp"
#include "support/training_states.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

using test::world;
using testing::new_folder;
using testing::newest;
using testing::stop_at;

constexpr std::int64_t adam_steps = 7, lbfgs_steps = 4, last_steps = 2, dense_steps = 5, natural_steps = 3;
constexpr std::int64_t all_steps = adam_steps + lbfgs_steps + last_steps + dense_steps + natural_steps;

// Five stages, in two precisions, with points that change, a clipped gradient, and everything remembered that can be.
TrainSetup small_setup(const std::string& folder) {
  TrainSetup setup = testing::quiet_setup(folder);
  setup.sampling.points = {{"heat", 900}, {"initial", 300}};
  setup.sampling.resample_every = 3;
  setup.training.precision = Precision::fp32;
  setup.training.stop.stall_steps = 4;
  setup.training.stop.stall_factor = 1e300;
  setup.training.stages.resize(5);
  setup.training.stages[0].steps = adam_steps;
  setup.training.stages[0].optimizer.learning_rate.kind = "cosine";
  setup.training.stages[0].optimizer.clip = 0.1;
  setup.training.stages[1].steps = lbfgs_steps;
  setup.training.stages[1].optimizer.kind = "lbfgs";
  setup.training.stages[1].optimizer.history = 3;
  setup.training.stages[2] = setup.training.stages[1];
  setup.training.stages[2].steps = last_steps;
  setup.training.stages[2].precision = Precision::fp32;
  setup.training.stages[3].steps = dense_steps;
  setup.training.stages[3].optimizer.kind = "ssbroyden";
  setup.training.stages[4].steps = natural_steps;
  setup.training.stages[4].optimizer.kind = "ngd";
  setup.output.keep_best = true;
  return setup;
}

// never the same twice
const std::set<std::string> clocks = {"elapsed_s", "joules", "gate/modelled_joules", "products/fp32_rate",
                                      "products/fp64_rate"};

std::string difference(const StateValues& a, const StateValues& b) {
  for (const auto& [name, value] : a) {
    if (clocks.count(name) || name == "last/logged") continue;   // where a log has its lines depends on the clock
    const auto other = b.find(name);
    if (other == b.end() || other->second != value) return name;
  }
  return a.size() == b.size() ? "" : "another number of items";
}

std::string last_line(const std::string& path) {
  std::ifstream in(path);
  std::string line, last;
  while (std::getline(in, line)) last = line;
  // Without the clock and what depends on it.
  for (const char* key : {"\"time_s\":", "\"joules\":", "\"points_per_s\":", "\"memory_mib\":", "\"utilisation\":",
                          "\"memory_efficiency\":"}) {
    const std::size_t at = last.find(key);
    if (at != std::string::npos) last.erase(at, last.find(',', at) - at);
  }
  // A step that is logged because a run goes on there is not evaluated for that.
  return last.substr(0, last.find(",\"error\""));
}

// What a run leaves that goes on from `from` in a folder of its own.
struct End {
  std::optional<StateValues> state;   // of its last checkpoint; empty: it took no step
  std::string line;                   // last of its metrics
  std::int64_t lines = 0;
  double loss = 0;                    // of the network it leaves
  std::string kept;                   // the step whose network that is
};

// The heat equation with causal weights, whose tolerance rises after the first refresh.
Problem causal_problem() {
  Problem problem = testing::heat_problem();
  CausalTerm& causal = problem.terms[0].causal.emplace();
  causal.options.chunks = 5;
  causal.options.tolerances = {1e-9, 0.1};
  causal.options.search_every = 2;
  return problem;
}

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

// With weights of points the first tolerance stays: whether a run forgot it shows in neither otherwise.
Problem problem_of(const TrainSetup& setup) {
  if (!setup.training.balance.active()) return testing::heat_problem();
  Problem problem = causal_problem();
  if (!setup.training.balance.weighs_points()) return problem;
  problem.terms[0].causal->options.tolerances = {0.01, 0.1};
  problem.terms[0].causal->options.threshold = 1;
  return problem;
}

// The step whose network a run left, as its summary says it.
std::string kept_of(const std::string& folder) {
  std::ifstream summary(folder + "/summary.json");
  std::string kept;
  for (std::string line; std::getline(summary, line);)
    if (line.find("\"kept_step\":") != std::string::npos) kept = line;
  return kept;
}

End end_of(TrainSetup setup, const std::string& folder, const LoadedCheckpoint& from) {
  setup.run_directory = folder;
  setup.resume = from;
  End end;
  end.loss = train(world(), problem_of(setup), setup).loss;
  world().barrier("test");
  auto loaded = CheckpointStore(world(), folder, {}).load();
  if (loaded) end.state = std::move(loaded->values);
  end.line = last_line(folder + "/metrics.jsonl");
  end.kept = kept_of(folder);
  std::ifstream in(folder + "/metrics.jsonl");
  end.lines = std::count(std::istreambuf_iterator<char>(in), {}, '\n');
  return end;
}

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
  EXPECT_EQ(difference(expected, values), "");
  EXPECT_EQ(last_line(whole + "/metrics.jsonl"), last_line(part.run_directory + "/metrics.jsonl"));
}

// From the checkpoints of one run that saves after every step, which changes nothing else.
TEST_P(Resume, IsExactAfterEveryStep) {
  if (GetParam() == Reproducibility::fast && world().size() > 2) GTEST_SKIP() << "two ranks are enough";
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
  if (world().size() > 2) GTEST_SKIP() << "two ranks are enough";
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
    EXPECT_EQ(difference(expected, *end.state), "") << "stopped at evaluation " << evaluation;
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
    EXPECT_EQ(difference(expected, newest(part.run_directory).values), "") << "stopped at evaluation " << evaluation;
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
      EXPECT_EQ(difference(expected, *same.state), "") << "stopped at evaluation " << evaluation;
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
  EXPECT_EQ(difference(newest(seldom.run_directory).values, newest(often.run_directory).values), "");
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
  return !difference(*kept.state, *end.state).empty();
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
    EXPECT_EQ(difference(expected, newest(part.run_directory).values), "") << "stopped at evaluation " << evaluation;
  }
}

constexpr BalanceMethod methods[] = {BalanceMethod::gradnorm, BalanceMethod::ntk, BalanceMethod::relobralo,
                                     BalanceMethod::self_adaptive, BalanceMethod::rba};

// Weights that follow the training are part of what a run goes on from.
TEST(ResumeTest, BalancedRunsGoOnExactly) {
  const testing::SharedFolder base;
  int count = 0;
  for (const BalanceMethod method : methods) {
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
      EXPECT_EQ(difference(expected, newest(part.run_directory).values), "")
          << to_string(method) << ", stopped at evaluation " << evaluation;
    }
  }
}

// Where the loss rises, the network that a run leaves is one of before it was stopped.
TEST(ResumeTest, TheBestNetworkIsOneOfBeforeTheStop) {
  if (world().size() > 2) GTEST_SKIP() << "two ranks are enough";
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
// step. Where the loss rises, the best network is one of the past; where it falls, the last but one.
TEST(ResumeTest, NeedsEveryItem) {
  if (world().size() > 1) GTEST_SKIP() << "one rank is enough";
  const testing::SharedFolder base;
  const std::vector<std::pair<TrainSetup, std::vector<std::int64_t>>> runs = {
      {small_setup(""), {5, 10, 13, 15, 17, 21, 23, 26, 28, 1000}},
      {adam_alone(5), {1000}},
      {adam_alone(1e-3), {adam_steps - 2}},
      {adam_in_batches(), {adam_steps - 2}},
      {balanced(BalanceMethod::relobralo), {adam_steps - 3}},
      {balanced(BalanceMethod::rba), {adam_steps - 3}},
      {gated(), {1, 6}},
      {gated_alone(), {9}}};
  std::set<std::string> items, needed;
  const std::set<std::string> elsewhere = {"config"};   // compared by the command before a session
                                                        // begins: tests/acceptance/resume.py
  int count = 0;
  for (const auto& [setup, evaluations] : runs) {
    for (const std::int64_t evaluation : evaluations) {
      TrainSetup part = setup;
      part.run_directory = new_folder(base, std::to_string(++count));
      part.stop_requested = stop_at(evaluation);
      train(world(), problem_of(part), part);
      world().barrier("test");
      const LoadedCheckpoint from = newest(part.run_directory);
      const End kept = end_of(setup, new_folder(base, std::to_string(++count)), from);
      for (const auto& [item, value] : from.values) {
        items.insert(item);
        if (needed.count(item) || elsewhere.count(item)) continue;
        if (matters(item, from, setup, new_folder(base, std::to_string(++count)), kept)) needed.insert(item);
      }
    }
  }
  for (const std::string& item : items)
    EXPECT_TRUE(needed.count(item) || elsewhere.count(item)) << item << " can be dropped without a trace";
  EXPECT_GT(items.size(), 30u);
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
