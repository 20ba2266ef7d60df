#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/kept_patterns.hpp"
#include "jetpinn/app/run_plan.hpp"
#include "jetpinn/app/train_run.hpp"
#include "jetpinn/app/trained.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/base/version.hpp"
#include "jetpinn/bench/conversion_report.hpp"
#include "jetpinn/compress/import_network.hpp"
#include "jetpinn/compress/magnitude_pruning.hpp"
#include "jetpinn/compress/sparse_run.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/run_folder.hpp"
#include "jetpinn/network/pattern_file.hpp"
#include "jetpinn/network/run_networks.hpp"
#include "jetpinn/train/run_summary.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

// What a run folder needs for its network to be taken from it.
void write_summary(const std::string& folder, const std::vector<double>& parameters, double begin) {
  RunSummary summary;
  summary.status = "completed";
  summary.stopped_by = "steps";
  summary.wall_s = wall_seconds() - begin;
  summary.parameters = static_cast<std::int64_t>(parameters.size());
  summary.parameter_hash = parameter_hash(parameters);
  summary.version = version;
  write_text_file(folder + "/summary.json", summary_text(summary));
}

void finish(const ConversionReport& report, const std::string& folder, bool quiet) {
  write_text_file(folder + "/conversion.json", report.json());
  if (!quiet) std::fputs((report.text() + "written to " + folder + "\n").c_str(), stdout);
  if (!report.verified())
    throw Error(Status::numerical, "the sparse network differs from its whole matrices beyond rounding, see " + folder +
                                       "/conversion.json; a defect of this program, please report it");
}

// Nothing in a file says how it was trained, so that what is imported is a network alone. One rank.
void import(const CommandLine& line) {
  const double begin = wall_seconds();
  WeightStack stack = import_network(line.import);
  if (stack.kept() == stack.weights())
    throw Error(Status::usage, line.import +
                                   ": no weight is zero or masked, so that there is nothing to make sparse; give "
                                   "masks (mask_0, ...), or prune the network first");
  const std::string stem = std::filesystem::path(line.import).stem().string();
  const std::string folder = line.output.empty() ? "runs/" + stem : line.output;
  const std::string text = config_of(stack, stem, std::filesystem::path(kept_pattern(folder)).filename().string());
  Config config;
  Problem problem;
  try {
    config = parse_config(text, folder + "/config.toml", {});
    problem = build_problem(config.problem);
  } catch (const Error& error) {
    throw Error(Status::usage, line.import +
                                   ": names of the attributes 'inputs' and 'outputs' do not serve as coordinates "
                                   "and fields: " +
                                   error.what());
  }
  create_run_folder(folder, line.force);
  write_patterns(kept_pattern(folder), patterns_of(stack));
  const Network network =
      make_network(config.network, problem.symbols.coordinates, problem.symbols.fields, problem.lower, problem.upper);
  const std::vector<double> parameters = parameters_of(stack, network, {});
  write_text_file(folder + "/config.toml", text);
  write_network_file(folder + "/network.h5", problem, network, parameters.data());
  write_summary(folder, parameters, begin);
  finish(convert(line.import, std::move(stack), {}), folder, line.quiet);
}

// A run that is pruned in rounds. Each round is a run folder, the last one that of the whole.
struct Sparsification {
  const CommandLine& line;
  std::string run, output;

  std::string folder(int round) const { return round == line.rounds ? output : fmt::format("{}/rounds/{}", output, round); }
  std::string pattern(int round) const { return fmt::format("{}/rounds/pattern_{}.h5", output, round); }
  // The run's config with the pattern, and a stage of Adam in place of its own; --set comes last.
  std::vector<std::string> sets(int round) const {
    const auto path = [](const std::string& name) { return std::filesystem::absolute(name).lexically_normal().string(); };
    std::vector<std::string> sets{
        "network.pattern=" + path(pattern(round)), "training.start_from=" + path(run),
        fmt::format("training.stages=[{{optimizer = \"adam\", steps = {}}}]", line.finetune_steps)};
    sets.insert(sets.end(), line.sets.begin(), line.sets.end());
    return sets;
  }
};

void check_target(double target, const WeightStack& stack) {
  const double limit = 1 - least_density,
               before = 1 - static_cast<double>(stack.kept()) / static_cast<double>(stack.weights());
  if (!(target > 0 && target <= limit))
    throw Error(Status::usage,
                fmt::format("--target {:g} is out of reach: it is a share of the weights above 0, and at most "
                            "{:g}, for each layer keeps {:g} of its own",
                            target, limit, least_density));
  if (target <= before)
    throw Error(Status::usage,
                fmt::format("--target {:g}: there is nothing to prune, for {:.4g} of the weights are left out "
                            "already; name a larger share",
                            target, before));
}

// Rank 0: the pattern of a round, and what its training begins with.
std::vector<double> begin_round(const Sparsification& pruning, int round, WeightStack stack, double sparsity,
                                const Trained& before, const Config& config) {
  prune_by_magnitude(stack, sparsity);
  std::filesystem::create_directories(pruning.output + "/rounds");
  write_patterns(pruning.pattern(round), patterns_of(stack));
  const Problem& problem = *before.assembly.problem;
  const Network network =
      make_network(config.network, problem.symbols.coordinates, problem.symbols.fields, problem.lower, problem.upper);
  const auto layers = static_cast<std::ptrdiff_t>(before.assembly.network.layer_parameters());
  return parameters_of(stack, network, {before.parameters.begin() + layers, before.parameters.end()});
}

// Collective. False: stopped, to be gone on with by the same command.
bool prune(Communicator& communicator, const CommandLine& line, double begin) {
  Sparsification pruning{line, without_trailing_slash(line.subject), {}};
  pruning.output = line.output.empty() ? pruning.run + "-sparse" : without_trailing_slash(line.output);
  Trained trained = load_trained(communicator, pruning.run, {});
  const std::string text = trained.config.resolved, path = trained.config.path;
  double before = 0;
  communicator.agree("sparsify", [&] {
    const WeightStack stack = stack_of(trained.assembly.network, trained.parameters, trained.config.training.precision);
    check_target(line.target, stack);
    before = 1 - static_cast<double>(stack.kept()) / static_cast<double>(stack.weights());
    const Config last = parse_config(text, path, pruning.sets(line.rounds));
    if (!communicator.root()) return;
    if (const FoundRun found = find_run(pruning.output); found.exists && line.force)
      rename_away(pruning.output);
    else if (found.exists)
      require_same(pruning.output, pruning.output + "/config.toml", found.config, last);
  });
  CommandLine quiet = line;
  quiet.force = false;  // what was in the way is gone
  for (int round = 1; round <= line.rounds; ++round) {
    RunRequest request;
    request.folder = pruning.folder(round);
    request.device = "cpu";
    request.begin = begin;
    communicator.agree("sparsify", [&] {
      request.config = parse_config(text, path, pruning.sets(round));
      if (!communicator.root()) return;
      WeightStack stack = stack_of(trained.assembly.network, trained.parameters, trained.config.training.precision);
      request.start = begin_round(pruning, round, std::move(stack), sparsity_after(round, line.rounds, before, line.target),
                                  trained, request.config);
    });
    if (train_run(communicator, quiet, request) == RunOutcome::stopped) return false;
    trained = load_trained(communicator, request.folder, {});
  }
  communicator.agree("sparsify", [&] {
    if (!communicator.root()) return;
    WeightStack stack = stack_of(trained.assembly.network, trained.parameters, trained.config.training.precision);
    finish(convert(pruning.run, std::move(stack), {}), pruning.output, line.quiet);
  });
  return true;
}

}  // namespace

int run_sparsify(Communicator& communicator, const CommandLine& line, double program_start) {
  if (line.import.empty())
    return static_cast<int>(prune(communicator, line, program_start) ? Status::done : Status::stopped);
  communicator.agree("sparsify", [&] {
    if (communicator.root()) import(line);
  });
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
