#include "jetpinn/app/commands.hpp"

#include "jetpinn/app/leave.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/config/near_file.hpp"
#include "jetpinn/io/atomic_file.hpp"
#include "jetpinn/io/run_folder.hpp"
#include "jetpinn/runtime/device_choice.hpp"

#include <cstdio>
#include <filesystem>

namespace jetpinn {
namespace {

// The line with the device that there is. Cards are looked for where something trains, or where they are asked for.
CommandLine with_device(Communicator& communicator, CommandLine line) {
  line.any_device = line.device == "auto";
  if (line.any_device && line.command != "train" && line.command != "prune" && line.command != "sparsify")
    line.device = "cpu";
  const DeviceChoice choice = choose_device(communicator, line.device);
  line.device = choice.name;
  line.sharing = choice.sharing;
  line.device_note = choice.note;
  return line;
}

// Whether there is a run in `folder`; a config in its place, or a name that is nearly one's, is said. Throws Error (usage).
void check_run(const std::string& folder) {
  std::error_code trouble;
  if (std::filesystem::is_regular_file(folder, trouble))
    throw Error(Status::usage,
                folder + " is a file; name the folder of a run, as in runs/NAME, that `jetpinn train` has written");
  const std::string offer = std::filesystem::exists(folder, trouble) ? "" : near_run(folder);
  if (!offer.empty()) throw Error(Status::usage, "there is no run folder " + folder + offer);
  require_run(folder);
}

}  // namespace

int run_command(Communicator& communicator, const CommandLine& given, double program_start) {
  const CommandLine line = with_device(communicator, given);
  if (line.command == "train") return run_train(communicator, line, program_start);
  if (line.command == "classify") return run_classify(communicator, line, program_start);
  if (line.command == "evaluate") return run_evaluate(communicator, line);
  if (line.command == "predict") return run_predict(communicator, line);
  if (line.command == "check") return run_check(communicator, line);
  if (line.command == "adapt") return run_adapt(communicator, line);
  if (line.command == "export") return run_export(communicator, line);
  if (line.command == "report") return run_report(communicator, line);
  if (line.command == "profile") return run_profile(communicator, line);
  if (line.command == "sample" && line.subject == "weights") return run_sample_weights(communicator, line);
  if (line.command == "sample") return run_sample(communicator, line);
  if (line.command == "ablate") return run_ablate(communicator, line);
  if (line.command == "prune") return run_prune(communicator, line);
  if (line.command == "sparsify") return run_sparsify(communicator, line);
  return run_bench(communicator, line);
}

Config read_config(Communicator& communicator, const std::string& path, const std::vector<std::string>& overrides,
                   ConfigTask task) {
  std::string text;
  communicator.agree("config", [&] {
    if (communicator.root()) text = read_config_file(path);
  });
  text = communicator.broadcast("config", text);
  Config config;
  communicator.agree("config", [&] { config = parse_config(text, path, overrides, task); });
  return config;
}

Problem read_problem(Communicator& communicator, const Config& config) {
  Problem problem;
  communicator.agree("problem", [&] { problem = build_problem(config.problem); });
  return problem;
}

Config read_run_config(Communicator& communicator, const std::string& folder, const std::vector<std::string>& overrides) {
  communicator.agree("run folder", [&] {
    if (communicator.root()) check_run(folder);
  });
  return read_config(communicator, folder + "/config.toml", overrides);
}

void report_warnings(const Communicator& communicator, const Warnings& warnings, bool strict) {
  if (communicator.root())
    for (const Warning& warning : warnings) std::fprintf(stderr, "jetpinn: warning: %s\n", printable(warning.text).c_str());
  if (strict && !warnings.empty())
    throw Error(Status::usage,
                std::to_string(warnings.size()) + (warnings.size() == 1 ? " warning" : " warnings") +
                    " about the problem, which --strict makes errors; mend the config, or leave --strict away");
}

void prepare_file(const std::string& path) {
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw Error(Status::usage, "cannot create the folder " + folder.string() + ": " + error.message() +
                                   "; choose another place for " + path);
  require_file_place(path);
  check_writable(folder.string());
}

}  // namespace jetpinn
