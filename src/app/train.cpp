#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/kept_patterns.hpp"
#include "jetpinn/app/kept_surfaces.hpp"
#include "jetpinn/app/plan_report.hpp"
#include "jetpinn/app/point_tables.hpp"
#include "jetpinn/app/run_plan.hpp"
#include "jetpinn/app/start_from.hpp"
#include "jetpinn/app/time_limit.hpp"
#include "jetpinn/app/train_run.hpp"
#include "jetpinn/audit/audit.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/folder_name.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/publish_records.hpp"
#include "jetpinn/io/checkpoint_store.hpp"
#include "jetpinn/io/hash.hpp"
#include "jetpinn/io/run_folder.hpp"
#include "jetpinn/runtime/runtime.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/card_memory.hpp"
#include "jetpinn/train/gate_plan.hpp"
#include "jetpinn/train/libtorch_need.hpp"
#include "jetpinn/train/precision_need.hpp"
#include "jetpinn/train/scales.hpp"
#include "jetpinn/train/trainer.hpp"

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

// Where a card was there, and the place was left to the program.
void say_processor(const Communicator& communicator, const CommandLine& line, const std::string& reason) {
  if (communicator.root() && !line.quiet) std::fprintf(stderr, "jetpinn: trains on the processor, for %s\n", reason.c_str());
}

// The processor, where the place was left to the program. Throws Error (usage) where `device` was asked for.
std::string processor_instead(const Communicator& communicator, const CommandLine& line, const std::string& device,
                              const std::string& reason, const std::string& remedy) {
  if (!line.any_device) throw Error(Status::usage, "--device " + device + ": " + reason + "; " + remedy);
  say_processor(communicator, line, reason);
  return "cpu";
}

// The network of training.start_from, for the audit and for a run that begins. Where one goes on it may be gone: then empty.
// Read before the folder is opened, for it may lie in the one that is renamed away.
std::vector<double> read_start_unless_gone(const RunRequest& request, const Config& config, const Network& network) {
  try {
    return read_start(config, network);
  } catch (const Error&) {
    if (request.force || !find_run(request.folder).exists) throw;
    return {};
  }
}

// `start`: what rank 0 has read already; empty: a run that ended before its first step begins again. Collective.
std::vector<double> share_start(Communicator& communicator, std::vector<double> start, const Config& config,
                                const Network& network) {
  communicator.agree("start_from", [&] {
    if (communicator.root() && start.empty()) start = read_start(config, network);
  });
  start.resize(static_cast<std::size_t>(network.parameters));
  communicator.broadcast("start_from", start.data(), static_cast<std::int64_t>(start.size() * sizeof(double)));
  return start;
}

}  // namespace

std::string device_for(const Communicator& communicator, const CommandLine& line, const TrainingOptions& training) {
  if (line.device == "cpu") return line.device;
  std::string reason, remedy;
  if (training.engine == EngineKind::reference) {
    reason = "the reference engine computes on the processor";
    remedy = "leave --device away, or set training.engine = \"jets\"";
  }
  for (const StageOptions& stage : training.stages)
    if (stage.steps > 0 && stage.optimizer.on_host() && reason.empty()) {
      reason = "optimizer '" + stage.optimizer.kind + "' keeps its matrix on the processor";
      remedy = "leave --device away, or use lbfgs";
    }
  if (computes_in(training, Precision::bf16) && reason.empty()) {
    reason = "it computes in fp64 or fp32, and a stage has precision = \"bf16\"";
    remedy = "leave --device away, or take fp32";
  }
  if (reason.empty()) return line.device;
  return processor_instead(communicator, line, line.device, reason, remedy);
}

void say_device(const Communicator& communicator, const CommandLine& line) {
  if (communicator.root() && !line.device_note.empty() && !line.quiet)
    std::fprintf(stderr, "jetpinn: %s\n", line.device_note.c_str());
}

RunOutcome train_run(Communicator& communicator, const CommandLine& line, const RunRequest& request) {
  Config config = request.config;
  const std::string& device = request.device;
  const std::string& folder = request.folder;
  const GeometryText geometry = config.problem.geometry;
  if (!request.force) take_kept_surfaces(communicator, config.problem.geometry, folder);
  const Problem given = read_problem(communicator, config);
  Problem problem = given;
  request.force ? require_tables(communicator, problem) : take_kept_tables(communicator, problem, folder);
  if (!request.force) take_kept_patterns(communicator, config.network, folder);

  // The plan and its audit come before the folder: a config that cannot run leaves nothing behind.
  Warnings warnings;
  Network network;
  std::vector<double> start;               // rank 0
  std::optional<ReferenceSet> reference;   // read once, for the audit and for the training
  {
    Assembly assembly;
    communicator.agree("plan", [&] {
      assembly = assemble(problem, config.network, config.sampling, config.training.seed, communicator.size());
      choose_recomputed(assembly, config);
      require_memory(assembly, config);
      require_libtorch(assembly, config.training, communicator.rank());
      require_precision(config.training);
      gated_terms(assembly, config.training);
      network = assembly.network;
      record_scales(config, recorded_scales(*assembly.problem));
      if (communicator.root())
        start = request.start.empty() ? read_start_unless_gone(request, config, network) : request.start;
      if (line.debug && communicator.root()) std::fputs(plan_report(assembly, config, communicator.size()).c_str(), stdout);
    });
    reserve_planned_memory(communicator, assembly, config);
    if (device == "cuda")
      communicator.agree("memory of the card", [&] {
        require_card_memory(assembly, config.training, config.output, communicator.rank(), line.sharing);
      });
    reference.emplace(communicator, *assembly.problem);
    if (!request.part)
      warnings = audit(communicator, {assembly, config.network, config.training, reference->facts(communicator), start});
    if (line.strict) report_warnings(communicator, warnings, true);
  }

  const OpenRun run = open_run(communicator, folder, config, problem, request.force, line.resume);
  if (run.plan.kind == RunPlan::done) return RunOutcome::complete_before;

  for (Warning& warning : changed_tables(communicator, given, problem)) warnings.push_back(std::move(warning));
  for (Warning& warning : changed_surfaces(communicator, geometry, config.problem.geometry))
    warnings.push_back(std::move(warning));
  report_warnings(communicator, warnings, false);
  if (!request.part) say_device(communicator, line);
  if (!request.part) publish_rank_records(communicator, folder);
  TrainSetup setup;
  setup.name = config.name;
  setup.run_directory = folder;
  setup.resolved_config = config.resolved;
  setup.config_hash = hex(hash_of(config.resolved));
  setup.network = config.network;
  setup.sampling = config.sampling;
  setup.training = config.training;
  setup.training.device = device;
  setup.output = config.output;
  setup.run = config.run;
  setup.max_time_s = request.max_time_s;
  setup.quiet = line.quiet;
  setup.verbose = line.verbose;
  setup.debug = line.debug;
  setup.program_start = request.begin;
  setup.stop_requested = stop_requested;
  setup.warnings = std::move(warnings);
  setup.reference = std::move(reference);
  setup.window = request.window;
  setup.longer = run.plan.longer;
  if (run.plan.kind == RunPlan::go_on)
    setup.resume = load_checkpoint(communicator, folder, config,
                                   [&](const LoadedCheckpoint& loaded) { require_kept_patterns(loaded, network, folder); });
  if (setup.resume) start = {};   // as large as the network
  if (!setup.resume && !config.training.start_from.empty())
    setup.start_parameters = share_start(communicator, std::move(start), config, network);
  const TrainResult result = train(communicator, std::move(problem), std::move(setup));
  return result.status == "stopped" ? RunOutcome::stopped : RunOutcome::completed;
}

int run_train(Communicator& communicator, const CommandLine& line, double program_start) {
  std::vector<std::string> sets = line.sets;
  // the same bits on the one rank that a debugger is attached to
  if (line.debug) sets.push_back("training.reproducibility=ranks");
  RunRequest request;
  request.config = read_config(communicator, line.subject, sets);
  communicator.agree("device", [&] { request.device = device_for(communicator, line, request.config.training); });
  request.folder = line.output.empty() ? "runs/" + request.config.name : line.output;
  request.force = line.force;
  request.begin = program_start;
  request.max_time_s = time_limit_s(line.max_time_s, program_start);
  const bool windows = request.config.training.windows.cut();
  if (windows) say_device(communicator, line);
  const RunOutcome outcome = windows ? train_windows(communicator, line, request) : train_run(communicator, line, request);
  if (outcome == RunOutcome::complete_before && communicator.root())
    std::printf("%s: this run is complete; more steps, another --output or --force would train again\n",
                request.folder.c_str());
  return static_cast<int>(outcome == RunOutcome::stopped ? Status::stopped : Status::done);
}

}  // namespace jetpinn
