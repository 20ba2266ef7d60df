#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/plan_report.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/io/run_folder.hpp"
#include "jetpinn/runtime/runtime.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/trainer.hpp"

#include <cstdint>
#include <cstdio>

namespace jetpinn {
namespace {

std::int64_t planned_steps(const Config& config) {
  std::int64_t steps = 0;
  for (const StageOptions& stage : config.training.stages) steps += stage.steps;
  return steps;
}

// What a run folder that is there already means for this run. Throws Error (usage) where it is in the way; true: its run is
// done.
bool is_done(const std::string& folder, const Config& config, const CommandLine& line) {
  const FoundRun found = find_run(folder);
  if (!found.exists || line.force) return false;
  const std::string ways = "; choose another --output or name, or let --force rename it away";
  Config old;
  try {
    old = parse_config(found.config, folder + "/config.toml", {});
  } catch (const Error&) {
    throw Error(Status::usage,
                "the run folder " + folder + " holds a run with a config that this version cannot read" + ways);
  }
  const std::vector<std::string> differences = matters(old, config);
  if (!differences.empty())
    throw Error(Status::usage,
                "the run folder " + folder + " holds another run (" + differences[0] +
                    (differences.size() > 1 ? " and " + std::to_string(differences.size() - 1) + " more" : "") + ")" + ways);
  if (line.resume == "never")
    throw Error(Status::usage, "the run folder " + folder + " holds this run already, and --resume is never" + ways);
  if (found.status == "completed" && planned_steps(config) <= planned_steps(old)) return true;
  throw Error(Status::usage, "the run folder " + folder + " holds this run with " + std::to_string(found.steps) +
                                 " steps done; going on with it needs checkpoints, which are not available yet" + ways);
}

bool already_done(Communicator& communicator, const std::string& folder, const Config& config, const CommandLine& line) {
  char done = 0;
  communicator.agree("run folder", [&] {
    if (!communicator.root()) return;
    done = is_done(folder, config, line);
    if (!done) create_run_folder(folder, line.force);
  });
  communicator.broadcast("run folder", &done, std::int64_t{1});
  if (done && communicator.root())
    std::printf("%s: this run is complete; more steps, another --output or --force would train again\n", folder.c_str());
  return done;
}

}  // namespace

int run_train(Communicator& communicator, const CommandLine& line, double program_start) {
  const Config config = read_config(communicator, line.subject, line.sets);
  Problem problem = read_problem(communicator, config);
  const std::string folder = line.output.empty() ? "runs/" + config.name : line.output;

  // The plan comes before the folder: a config that cannot run leaves nothing behind.
  communicator.agree("plan", [&] {
    const Assembly assembly = assemble(problem, config.network, config.sampling, config.training.seed, communicator.size());
    require_memory(assembly, config, communicator.size());
    if (line.debug && communicator.root()) std::fputs(plan_report(assembly, config, communicator.size()).c_str(), stdout);
  });
  if (already_done(communicator, folder, config, line)) return static_cast<int>(Status::done);

  TrainSetup setup;
  setup.name = config.name;
  setup.run_directory = folder;
  setup.resolved_config = config.resolved;
  setup.network = config.network;
  setup.sampling = config.sampling;
  setup.training = config.training;
  setup.output = config.output;
  setup.run = config.run;
  setup.max_time_s = line.max_time_s;
  setup.quiet = line.quiet;
  setup.program_start = program_start;
  setup.stop_requested = stop_requested;
  const TrainResult result = train(communicator, std::move(problem), setup);
  return static_cast<int>(result.status == "stopped" ? Status::stopped : Status::done);
}

}  // namespace jetpinn
