#include "jetpinn/app/trained.hpp"

#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/kept_patterns.hpp"
#include "jetpinn/app/kept_surfaces.hpp"
#include "jetpinn/app/point_tables.hpp"
#include "jetpinn/app/window_results.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/plural.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/io/checkpoint_folder.hpp"
#include "jetpinn/io/checkpoint_store.hpp"
#include "jetpinn/io/folder_lock.hpp"
#include "jetpinn/io/run_folder.hpp"
#include "jetpinn/problem/windows.hpp"
#include "jetpinn/train/run_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

namespace jetpinn {
namespace {

using Run = ParameterSource::Run;

// A run folder as rank 0 sees it.
struct RunState {
  Run run = Run::ended;
  std::string stands;              // "runs/a is still training"
  bool has_network = false;        // network.h5
  std::int64_t network_step = -1;  // -1: not known
  std::int64_t checkpoint_step = -1;
};

std::string steps_text(std::int64_t steps) { return plural(steps, "step"); }

RunState look_at(const std::string& folder) {
  RunState state;
  const FoundRun found = find_run(folder);
  if (FolderLock::is_held(folder)) {
    state.run = Run::training;
    state.stands = folder + " is still training";
  } else if (found.status == "completed") {
    state.run = Run::completed;
    state.stands = folder + " is complete";
  } else if (found.status == "stopped") {
    state.run = Run::stopped;
    state.stands = folder + " was stopped after " + steps_text(found.steps);
  } else if (found.status == "failed") {
    state.run = Run::failed;
    state.stands = folder + " failed after " + steps_text(found.steps) +
                   (found.stopped_by.empty() ? "" : " (" + found.stopped_by + ")");
  } else {
    state.stands = folder + " ended without a summary (killed, or a rank was lost)";
  }
  std::error_code trouble;
  state.has_network = std::filesystem::exists(folder + "/network.h5", trouble);
  if (state.has_network) state.network_step = steps_of_network(folder + "/network.h5");
  const auto entries = CheckpointFolder(folder + "/checkpoints").entries();
  if (!entries.empty()) state.checkpoint_step = entries.front().step;
  return state;
}

// The last checkpoint of a run is never older than its network.h5, so only a run that came to its end needs none.
bool network_is_newest(const RunState& state, std::int64_t checkpoint_step) {
  const bool came_to_its_end = state.run == Run::completed || state.run == Run::stopped;
  return state.has_network && (came_to_its_end || checkpoint_step <= std::max<std::int64_t>(state.network_step, 0));
}

// A run that goes on removes old checkpoints, perhaps the one that is being read.
std::optional<LoadedCheckpoint> load_newest(Communicator& communicator, const std::string& folder, Run run) {
  CheckpointStore store(communicator, folder, {});
  for (int tries = 3;; --tries) {
    try {
      return store.load();
    } catch (const Error& error) {
      if (run != Run::training || error.status() != Status::storage || tries == 1) throw;
    }
  }
}

// Collective. False: there is no checkpoint of trained parameters, or network.h5 is as new as the newest sound one.
bool take_checkpoint(Communicator& communicator, const std::string& folder, const RunState& state, Trained& trained) {
  const std::optional<LoadedCheckpoint> loaded = load_newest(communicator, folder, state.run);
  if (!loaded || loaded->facts.step == 0) return false;
  std::int64_t network_step = communicator.root() && state.has_network ? std::max<std::int64_t>(state.network_step, 0) : -1;
  communicator.broadcast("checkpoint", &network_step, sizeof network_step);
  if (communicator.root())
    for (const std::string& reason : loaded->rejected)
      std::fprintf(stderr, "jetpinn: warning: %s; an older one is taken\n", reason.c_str());
  if (loaded->facts.step <= network_step) return false;
  communicator.agree("checkpoint", [&] {
    require_kept_patterns(*loaded, trained.assembly.network, folder);
    const auto found = loaded->values.find("parameters");
    const auto* parameters = found == loaded->values.end() ? nullptr : std::get_if<std::vector<double>>(&found->second);
    const auto expected = static_cast<std::size_t>(trained.assembly.network.parameters);
    if (!parameters || parameters->size() != expected)
      throw Error(Status::usage, loaded->folder + " holds " + std::to_string(parameters ? parameters->size() : 0) +
                                     " parameters, the config's network has " + std::to_string(expected) +
                                     "; use the config that the run was trained with");
    trained.parameters = *parameters;
  });
  trained.source.checkpoint = true;
  trained.source.step = loaded->facts.step;
  trained.source.file = loaded->folder;
  return true;
}

void take_network(Communicator& communicator, const std::string& folder, const RunState& state, Trained& trained) {
  const std::string file = folder + "/network.h5";
  communicator.agree("network.h5", [&] {
    if (!communicator.root()) return;
    if (!state.has_network)
      throw Error(Status::usage,
                  state.stands + " and has left no trained parameters, neither network.h5 nor a checkpoint after step 0; " +
                      (state.run == Run::training    ? "wait for the next checkpoint (output.checkpoint.every)"
                       : state.run == Run::failed    ? "mend its cause and train again"
                       : state.run == Run::completed ? "put its network.h5 back, or train it again with --force"
                                                     : "train on with the command that began it"));
    trained.parameters = load_parameters(file, trained.assembly.network.parameters);
    require_patterns(file, trained.assembly.network);
  });
  communicator.broadcast("network.h5", trained.parameters.data(),
                         static_cast<std::int64_t>(trained.parameters.size() * sizeof(double)));
  trained.source.step = state.network_step;
  communicator.broadcast("network.h5", &trained.source.step, sizeof trained.source.step);
  trained.source.file = file;
}

// Rank 0: whether there is something to take from a window's run.
bool has_parameters(const std::string& folder) {
  if (!find_run(folder).exists) return false;
  const RunState state = look_at(folder);
  return state.has_network || state.checkpoint_step > 0;
}

// Collective. The networks of those windows that have parameters, up to the first one that has none or began with another
// network before it, as one.
void take_windows(Communicator& communicator, const std::string& folder, const RunState& state, Trained& trained) {
  Windows windows;
  communicator.agree("windows", [&] {
    windows = make_windows(*trained.assembly.problem, trained.config.problem, trained.config.training.windows);
  });
  auto networks = std::make_shared<NetworkWindows>();
  networks->coordinate = windows.coordinate;
  networks->edges = windows.edges;
  trained.parameters.clear();
  trained.source.step = 0;
  std::vector<double> before;  // of the window before
  for (std::size_t k = 0; k < windows.count(); ++k) {
    char there = communicator.root() && has_parameters(window_folder(folder, k)) &&
                 (k == 0 || begins_with(folder, k, parameter_hash(before)));
    communicator.broadcast("windows", &there, sizeof there);
    if (!there) break;
    Trained window = load_trained(communicator, window_folder(folder, k), {});
    before = window.parameters;
    trained.parameters.insert(trained.parameters.end(), window.parameters.begin(), window.parameters.end());
    trained.source.step += std::max<std::int64_t>(window.source.step, 0);
    networks->networks.push_back(std::move(window.assembly.network));
  }
  communicator.agree("windows", [&] {
    if (networks->networks.empty())
      throw Error(Status::usage,
                  state.stands + " and no window has left trained parameters; train on with the command that began it");
  });
  trained.source.file = folder + "/windows";
  const std::size_t count = networks->networks.size();
  if (count < windows.count())
    trained.source.file +=
        fmt::format(", {} from {:.6g} to {:.6g}",
                    trained.assembly.problem->symbols.coordinates[static_cast<std::size_t>(windows.coordinate)],
                    windows.edges.front(), windows.edges[count]);
  trained.assembly.network.parameters = static_cast<std::int64_t>(trained.parameters.size());
  trained.assembly.network.windows = std::move(networks);
}

// Rank 0.
std::string sentence_of(const RunState& state, const ParameterSource& source) {
  if (state.run == Run::completed) return {};
  const std::string step = source.step >= 0 ? " of step " + std::to_string(source.step) : "";
  return state.stands + ": the parameters are those" + step + " in " + source.file;
}

}  // namespace

Trained load_trained(Communicator& communicator, const std::string& folder, const std::vector<std::string>& overrides) {
  Trained trained;
  trained.config = read_run_config(communicator, folder, overrides);
  take_kept_patterns(communicator, trained.config.network, folder);
  take_kept_surfaces(communicator, trained.config.problem.geometry, folder);
  Problem problem = read_problem(communicator, trained.config);
  take_kept_tables(communicator, problem, folder);
  const Config& config = trained.config;
  RunState state;   // rank 0
  communicator.agree("run folder", [&] {
    trained.assembly =
        assemble(std::move(problem), config.network, config.sampling, config.training.seed, communicator.size());
    trained.parameters.resize(static_cast<std::size_t>(trained.assembly.network.parameters));
    if (communicator.root()) state = look_at(folder);
  });
  communicator.broadcast("run folder", &state.run, sizeof state.run);
  if (config.training.windows.cut()) {
    take_windows(communicator, folder, state, trained);
  } else {
    bool network = network_is_newest(state, state.checkpoint_step);
    communicator.broadcast("run folder", &network, sizeof network);
    if (network || !take_checkpoint(communicator, folder, state, trained))
      take_network(communicator, folder, state, trained);
  }
  trained.source.run = state.run;
  trained.source.sentence = communicator.broadcast("run folder", sentence_of(state, trained.source));

  trained.engine.kind = config.training.engine;
  trained.engine.precision = Precision::fp64;  // whatever it was trained in: derivatives of the network lose no digits here
  trained.engine.reproducibility = config.training.reproducibility;
  trained.engine.ranks = &communicator;
  return trained;
}

Problem trained_part(const Trained& trained) {
  Problem problem = *trained.assembly.problem;
  if (const auto& windows = trained.assembly.network.windows)
    problem.upper[static_cast<std::size_t>(windows->coordinate)] = windows->edges[windows->networks.size()];
  return problem;
}

void tell_source(const Communicator& communicator, const ParameterSource& source) {
  if (communicator.root() && !source.sentence.empty()) std::fprintf(stderr, "jetpinn: %s\n", source.sentence.c_str());
}

}  // namespace jetpinn
