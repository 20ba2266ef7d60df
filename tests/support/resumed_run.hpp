// What tests of resumed runs compare: a small run of all that is remembered, its state, and the last line of its log.
#pragma once

#include "jetpinn/io/checkpoint_store.hpp"
#include "jetpinn/train/trainer.hpp"
#include "support/problem_text.hpp"
#include "support/training_states.hpp"
#include "support/world.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace jetpinn::testing {

inline constexpr std::int64_t adam_steps = 7, lbfgs_steps = 4, last_steps = 2, dense_steps = 5, natural_steps = 3;
inline constexpr std::int64_t all_steps = adam_steps + lbfgs_steps + last_steps + dense_steps + natural_steps;

// Five stages, in two precisions, with points that change, a clipped gradient, and everything remembered that can be.
inline TrainSetup small_setup(const std::string& folder) {
  TrainSetup setup = quiet_setup(folder);
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

// Items that are never the same twice.
inline const std::set<std::string> clocks = {"elapsed_s", "joules", "gate/modelled_joules", "products/fp32_rate",
                                             "products/fp64_rate"};

// As difference() (training_states.hpp) says it, of products that were chosen too.
inline std::string exact_difference(const StateValues& a, const StateValues& b) {
  for (const auto& [name, value] : a) {
    if (clocks.count(name) || name == "last/logged") continue;  // where a log has its lines depends on the clock
    const auto other = b.find(name);
    if (other == b.end() || other->second != value) return name;
  }
  return a.size() == b.size() ? "" : "another number of items";
}

// The last line of a log, without what depends on the clock.
inline std::string last_line(const std::string& path) {
  std::ifstream in(path);
  std::string line, last;
  while (std::getline(in, line)) last = line;
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
  std::optional<StateValues> state;  // of its last checkpoint; empty: it took no step
  std::string line;                  // last of its metrics
  std::int64_t lines = 0;
  double loss = 0;   // of the network it leaves
  std::string kept;  // the step whose network that is
};

// The heat equation with causal weights, whose tolerance rises after the first refresh.
inline Problem causal_problem() {
  Problem problem = heat_problem();
  CausalTerm& causal = problem.terms[0].causal.emplace();
  causal.options.chunks = 5;
  causal.options.tolerances = {1e-9, 0.1};
  causal.options.search_every = 2;
  return problem;
}

// With weights of points the first tolerance stays: whether a run forgot it shows in neither otherwise.
inline Problem problem_for(const TrainSetup& setup) {
  if (!setup.training.balance.active()) return heat_problem();
  Problem problem = causal_problem();
  if (!setup.training.balance.weighs_points()) return problem;
  problem.terms[0].causal->options.tolerances = {0.01, 0.1};
  problem.terms[0].causal->options.threshold = 1;
  return problem;
}

// The step whose network a run left, as its summary says it.
inline std::string kept_of(const std::string& folder) {
  std::ifstream summary(folder + "/summary.json");
  std::string kept;
  for (std::string line; std::getline(summary, line);)
    if (line.find("\"kept_step\":") != std::string::npos) kept = line;
  return kept;
}

inline End end_of(TrainSetup setup, const std::string& folder, const LoadedCheckpoint& from) {
  setup.run_directory = folder;
  setup.resume = from;
  End end;
  end.loss = train(test::world(), problem_for(setup), setup).loss;
  test::world().barrier("test");
  auto loaded = CheckpointStore(test::world(), folder, {}).load();
  if (loaded) end.state = std::move(loaded->values);
  end.line = last_line(folder + "/metrics.jsonl");
  end.kept = kept_of(folder);
  std::ifstream in(folder + "/metrics.jsonl");
  end.lines = std::count(std::istreambuf_iterator<char>(in), {}, '\n');
  return end;
}

}  // namespace jetpinn::testing
