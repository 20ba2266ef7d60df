#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/kept_patterns.hpp"
#include "jetpinn/app/kept_request.hpp"
#include "jetpinn/app/leave.hpp"
#include "jetpinn/app/point_tables.hpp"
#include "jetpinn/app/rewound.hpp"
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
#include "jetpinn/compress/rewinding.hpp"
#include "jetpinn/compress/sparse_run.hpp"
#include "jetpinn/infer/network_file.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/folder.hpp"
#include "jetpinn/io/folder_lock.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/io/run_folder.hpp"
#include "jetpinn/network/pattern_file.hpp"
#include "jetpinn/network/run_networks.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/run_summary.hpp"
#include "jetpinn/train/step_batches.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

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

SparseSpeedOptions timing_of(const CommandLine& line) {
  SparseSpeedOptions timing;
  if (line.bench_seconds >= 0) timing.seconds = line.bench_seconds;
  return timing;
}

// Of a file, as the name of a run may be, which becomes a folder.
std::string run_name(const std::string& file) {
  std::string name = printable(std::filesystem::path(file).stem().string());
  std::replace(name.begin(), name.end(), '\\', '_');
  if (name[0] == '.') name[0] = '_';
  return name;
}

// Nothing in a file says how it was trained, so that what is imported is a network alone. One rank.
void import(const CommandLine& line) {
  const double begin = wall_seconds();
  WeightStack stack = import_network(line.import);
  if (stack.kept() == stack.weights())
    throw Error(Status::usage, line.import +
                                   ": no weight is zero or masked, so that there is nothing to make sparse; give "
                                   "masks (mask_0, ...), or prune the network first");
  const std::string name = run_name(line.import),
                    folder = line.output.empty() ? "runs/" + name : without_trailing_slash(line.output);
  const std::string text = config_of(stack, name, std::filesystem::path(kept_pattern(folder)).filename().string());
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
  require_finite_sums(stack, line.import);
  create_own_folder(folder, line.force, "complete sparsification");
  const FolderLock lock(folder);
  write_patterns(kept_pattern(folder), patterns_of(stack));
  const Network network =
      make_network(config.network, problem.symbols.coordinates, problem.symbols.fields, problem.lower, problem.upper);
  const std::vector<double> parameters = parameters_of(stack, network, {});
  write_text_file(folder + "/config.toml", text);
  write_network_file(folder + "/network.h5", problem, network, parameters.data());
  write_summary(folder, parameters, begin);
  finish(convert(line.import, std::move(stack), timing_of(line)), folder, line.quiet);
}

// A run that is pruned in rounds. Each round is a run folder, the last one that of the whole.
struct Sparsification {
  const CommandLine& line;
  std::string run, output;
  Rewound rewound;
  WeightStack earlier;             // rank 0: the weights that those of each round begin with, where they go back
  std::int64_t steps_of_pass = 1;  // of --epochs
  double before = 0;               // share of the weights that RUN leaves out
  std::string device;

  bool goes_back() const { return line.rewind != "none"; }
  bool own_stages() const { return goes_back() && line.finetune_steps < 0 && line.finetune_epochs == 0; }
  std::int64_t steps() const {
    if (line.finetune_epochs > 0) return line.finetune_epochs * steps_of_pass;
    return line.finetune_steps < 0 ? default_steps : line.finetune_steps;
  }
  std::string folder(int round) const { return round == line.rounds ? output : fmt::format("{}/{}", rounds(), round); }
  std::string rounds() const { return output + "/rounds"; }
  std::string record() const { return output + "/sparsify.json"; }
  std::string pattern(int round) const { return fmt::format("{}/pattern_{}.h5", rounds(), round); }
  // The run's config with the pattern, and a stage of Adam in place of its own, or what it did behind a step.
  std::vector<std::string> own_sets(int round) const {
    return {"network.pattern=" + absolute_path(pattern(round)), "training.start_from=" + absolute_path(run),
            "training.stages=" + (own_stages() ? rewound.stages : adam(steps()))};
  }
  // --set comes last.
  std::vector<std::string> sets(int round) const {
    std::vector<std::string> sets = own_sets(round);
    sets.insert(sets.end(), line.sets.begin(), line.sets.end());
    return sets;
  }

  static constexpr std::int64_t default_steps = 200;
  static std::string adam(std::int64_t steps) { return fmt::format("[{{optimizer = \"adam\", steps = {}}}]", steps); }
};

void check_target(double target, const WeightStack& stack) {
  const double limit = most_sparsity(stack), before = 1 - stack.density();
  if (!(target > 0 && target <= limit))
    throw Error(Status::usage,
                fmt::format("--target {:g} is out of reach: it is a share of the weights above 0, and at most {:g}, for "
                            "each layer keeps {:g} of its own, and as many as there are outputs",
                            target, std::floor(1000 * limit) / 1000, least_density));
  if (target <= before)
    throw Error(Status::usage,
                fmt::format("--target {:g}: there is nothing to prune, for {:.4g} of the weights are left out "
                            "already; name a larger share",
                            target, before));
}

// The network of the run is what is made sparse. own, last: the config of the last round before --set and behind it.
void require_own_network(const std::string& run, const Config& own, const Config& last) {
  std::string list;
  for (const std::string& difference : matters(own, last))
    for (const char* fixed : {"network.", "networks.", "problem.coordinates", "problem.fields", "problem.parameters",
                              "problem.trainable", "problem.scales", "training.start_from", "training.windows"})
      if (difference.rfind(fixed, 0) == 0) list += (list.empty() ? "" : ", ") + difference;
  if (!list.empty())
    throw Error(Status::usage, "--set cannot make the network another one, for it is that of " + run +
                                   " which is made sparse (" + list + "); leave that away, or train such a network first");
}

// What is asked for, as sparsify.json says it. last: the config of the last round.
std::string request_of(const Sparsification& pruning, const Trained& trained, const Config& last) {
  const CommandLine& line = pruning.line;
  nlohmann::ordered_json options{{"target", line.target}, {"rounds", line.rounds}};
  if (line.finetune_epochs > 0)
    options["epochs"] = line.finetune_epochs;
  else if (!pruning.own_stages())
    options["steps"] = pruning.steps();
  if (pruning.goes_back()) options["rewind"] = pruning.rewound.step;
  if (line.rates_only) options["rates_only"] = true;
  options["sets"] = line.sets;
  options["device"] = pruning.device;
  return nlohmann::ordered_json{{"options", options},
                                {"seed", last.training.seed},
                                {"parameters of the run", parameter_hash(trained.parameters)},
                                // its text: a path that begins at the folder stays the same where that is moved
                                {"config of the run", hex(hash_of(find_run(line.subject).config))}}
             .dump(2) +
         "\n";
}

// Until a round has begun nothing there is worth to be kept, whatever was asked for.
bool has_round(const Sparsification& pruning) {
  return find_run(pruning.output).exists || find_run(pruning.rounds() + "/1").exists;
}

// Rank 0. The folder is this command's, with what it was asked for. Throws Error (usage) where the folder is in the way.
std::unique_ptr<FolderLock> open_folder(const Sparsification& pruning, const std::string& request) {
  const std::string& folder = pruning.output;
  std::error_code trouble;
  const bool force = pruning.line.force;
  bool begun = is_file(pruning.record()) && !force;
  if (force && is_file(pruning.rounds() + "/.lock")) FolderLock{pruning.rounds()};  // one that goes on stays
  if (!begun) {
    if (!force && std::filesystem::exists(pruning.rounds(), trouble))
      throw Error(Status::usage, "the folder " + folder + " holds rounds and no sparsify.json that says what was asked for" +
                                     ways_around_a_run);
    create_own_folder(folder, force, "sparsification");
  } else if (const std::string differences = request_differences(read_text_file(pruning.record()), request);
             !differences.empty()) {
    begun = has_round(pruning);
    if (begun)
      throw Error(Status::usage, "the folder " + folder + " holds another sparsification (" + differences +
                                     "); go on with what it was asked for, choose a new one with --output, or --force to "
                                     "rename the old one to " +
                                     folder + ".old-N");
  }
  make_folder(pruning.rounds());
  auto lock = std::make_unique<FolderLock>(pruning.rounds());
  if (!begun) write_text_file(pruning.record(), request);
  return lock;
}

// Where pattern and RUN were when the round in `folder` began: they or the folder may have been moved since, and what they
// hold is known by hashes. Empty: it has not begun. Collective.
std::vector<std::string> kept_paths(Communicator& communicator, const std::string& folder) {
  std::string text;
  communicator.agree("sparsify", [&] {
    if (communicator.root()) text = find_run(folder).config;
  });
  text = communicator.broadcast("sparsify", text);
  if (text.empty()) return {};
  Config kept;
  communicator.agree("sparsify", [&] { kept = parse_config(text, folder + "/config.toml", {}); });
  return {"network.pattern=" + kept.network.pattern, "training.start_from=" + kept.training.start_from};
}

// Rank 0: the pattern of a round, and what its training begins with.
std::vector<double> begin_round(const Sparsification& pruning, int round, WeightStack stack, double sparsity,
                                const Trained& before, const Config& config) {
  prune_by_magnitude(stack, sparsity);
  write_patterns(pruning.pattern(round), patterns_of(stack));
  const bool back = pruning.goes_back() && !pruning.line.rates_only;
  if (back) set_back(stack, pruning.earlier);
  const Problem& problem = *before.assembly.problem;
  NetworkOptions options = config.network;
  options.pattern = pruning.pattern(round);
  const Network network =
      make_network(options, problem.symbols.coordinates, problem.symbols.fields, problem.lower, problem.upper);
  const std::vector<double>& trained = back ? pruning.rewound.parameters : before.parameters;
  const auto numbers = static_cast<std::ptrdiff_t>(problem.trained.size());
  return parameters_of(stack, network, {trained.end() - numbers, trained.end()});
}

// Collective. The assembly of a round with all weights, for the pattern is not there yet. What --set and the config cannot
// be together is said by it before a folder is made.
Assembly whole_assembly(Communicator& communicator, Config config) {
  config.network.pattern.clear();
  Problem problem = read_problem(communicator, config);
  require_tables(communicator, problem);
  Assembly assembly;
  communicator.agree("plan", [&] {
    assembly = assemble(std::move(problem), config.network, config.sampling, config.training.seed, communicator.size());
  });
  return assembly;
}

// Collective.
std::int64_t steps_of_pass(Communicator& communicator, const Sparsification& pruning, const Trained& trained) {
  Config config;
  communicator.agree("sparsify", [&] {
    config = parse_config(trained.config.resolved, trained.config.path, pruning.sets(pruning.line.rounds));
    if (config.training.stages.empty())
      throw Error(Status::usage,
                  "--epochs: 'training.stages' is empty, so that there are no passes; leave one of them away");
  });
  const Assembly assembly = whole_assembly(communicator, config);
  std::int64_t steps = 1;
  communicator.agree("sparsify", [&] { steps = steps_of_epoch(assembly, config.training, 0); });
  return steps;
}

// Collective. Where the rounds begin, and how long they train.
void plan_rounds(Communicator& communicator, const Trained& trained, Sparsification& pruning) {
  const CommandLine& line = pruning.line;
  pruning.rewound = load_rewound(communicator, pruning.run, trained, line.rewind, pruning.own_stages());
  communicator.agree("sparsify", [&] {
    if (pruning.goes_back() && communicator.root())
      pruning.earlier = stack_of(trained.assembly.network, pruning.rewound.parameters, trained.config.training.precision);
  });
  if (line.finetune_epochs > 0) pruning.steps_of_pass = steps_of_pass(communicator, pruning, trained);
  if (!pruning.goes_back() || line.quiet || !communicator.root()) return;
  std::printf("each round trains anew from step %lld of %s on%s\n", static_cast<long long>(pruning.rewound.step),
              pruning.run.c_str(), line.rates_only ? ", with the weights that it has" : "");
  std::fflush(stdout);
}

// Collective. What cannot be done is said before anything is written.
std::unique_ptr<FolderLock> begin_pruning(Communicator& communicator, const Trained& trained, Sparsification& pruning) {
  const CommandLine& line = pruning.line;
  communicator.agree("sparsify", [&] {
    if (trained.config.training.windows.cut())
      throw Error(Status::usage, pruning.run +
                                     " was trained in windows, each with a network of its own; sparsify the run folder "
                                     "of a window, as in " +
                                     pruning.run + "/windows/0");
    const WeightStack stack = stack_of(trained.assembly.network, trained.parameters, trained.config.training.precision);
    check_target(line.target, stack);
    pruning.before = 1 - stack.density();
  });
  plan_rounds(communicator, trained, pruning);
  const std::string text = trained.config.resolved, path = trained.config.path;
  Config last;
  communicator.agree("sparsify", [&] {
    last = parse_config(text, path, pruning.sets(line.rounds));
    require_own_network(pruning.run, parse_config(text, path, pruning.own_sets(line.rounds)), last);
    pruning.device = device_for(communicator, line, last.training);
  });
  whole_assembly(communicator, last);
  say_device(communicator, line);
  std::unique_ptr<FolderLock> lock;  // rank 0
  communicator.agree("run folder", [&] {
    if (communicator.root()) lock = open_folder(pruning, request_of(pruning, trained, last));
  });
  return lock;
}

// Collective. `trained` is the network before the round, and becomes that behind it. run: RUN's config. False: stopped.
bool train_round(Communicator& communicator, const Sparsification& pruning, int round, const Config& run, Trained& trained) {
  RunRequest request;
  request.folder = pruning.folder(round);
  request.device = pruning.device;
  request.begin = wall_seconds();  // each round is a training, and training.stop.time is its own
  begin_regions(request.begin);
  std::vector<std::string> sets = pruning.sets(round);
  for (std::string& kept : kept_paths(communicator, request.folder)) sets.push_back(std::move(kept));
  communicator.agree("sparsify", [&] {
    request.config = parse_config(run.resolved, run.path, sets);
    if (!communicator.root()) return;
    WeightStack stack = stack_of(trained.assembly.network, trained.parameters, trained.config.training.precision);
    const double sparsity = sparsity_after(round, pruning.line.rounds, pruning.before, pruning.line.target);
    request.start = begin_round(pruning, round, std::move(stack), sparsity, trained, request.config);
  });
  CommandLine line = pruning.line;
  line.force = false;  // what was in the way is gone
  if (train_run(communicator, line, request) == RunOutcome::stopped) return false;
  trained = load_trained(communicator, request.folder, {});
  return true;
}

// Collective. False: stopped, to be gone on with by the same command.
bool prune(Communicator& communicator, const CommandLine& line) {
  Sparsification pruning{line, without_trailing_slash(line.subject), {}, {}, {}, 1, 0, {}};
  pruning.output = line.output.empty() ? folder_beside(pruning.run, "-sparse") : without_trailing_slash(line.output);
  communicator.agree("sparsify", [&] {
    if (communicator.root()) require_apart(pruning.output, pruning.run, "made sparse");
  });
  Trained trained = load_trained(communicator, pruning.run, {});
  require_same_tables(communicator, trained.config, *trained.assembly.problem, pruning.run, "sparsify");
  const Config run = trained.config;
  const auto lock = begin_pruning(communicator, trained, pruning);
  for (int round = 1; round <= line.rounds; ++round)
    if (!train_round(communicator, pruning, round, run, trained)) return false;
  communicator.agree("sparsify", [&] {
    if (!communicator.root()) return;
    if (const std::string network = pruning.output + "/network.h5"; !is_file(network))  // a checkpoint had the parameters
      write_network_file(network, *trained.assembly.problem, trained.assembly.network, trained.parameters.data(),
                         trained.source.step);
    WeightStack stack = stack_of(trained.assembly.network, trained.parameters, trained.config.training.precision);
    finish(convert(pruning.run, std::move(stack), timing_of(line)), pruning.output, line.quiet);
  });
  return true;
}

}  // namespace

int run_sparsify(Communicator& communicator, const CommandLine& line) {
  if (line.import.empty()) return static_cast<int>(prune(communicator, line) ? Status::done : Status::stopped);
  communicator.agree("sparsify", [&] {
    if (communicator.root()) import(line);
  });
  return static_cast<int>(Status::done);
}

}  // namespace jetpinn
