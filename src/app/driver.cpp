#include "jetpinn/app/driver.hpp"

#include "jetpinn/app/leave.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/fault/job_files.hpp"

#include <cstdio>
#include <exception>
#include <string>

namespace jetpinn {
namespace {

std::string command_of(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.empty() || word[0] == '-') continue;
    const bool targets = word == "bench" && i + 1 < argc && std::string(argv[i + 1]) == "targets";
    return targets ? "bench targets" : word;
  }
  return "";
}

bool starts_runs(const std::string& command) {
  return command == "scale" || command == "sweep" || command == "study" || command == "bench targets";
}

int dispatch(StopRequests& stops, const CommandLine& line) {
  if (line.command == "bench") return run_bench_targets(stops, line);
  if (line.command == "study") return run_study_gate(stops, line);
  return line.command == "sweep" ? run_sweep(stops, line) : run_scale(stops, line);
}

Outcome run(StopRequests& stops, int argc, const char* const* argv) {
  const LaunchedRank launched = launched_rank();
  if (launched.size > 1 && starts_runs(command_of(argc, argv))) {
    const std::string message =
        "'" + command_of(argc, argv) + "' starts its runs itself; start it once, without mpirun or srun";
    return {static_cast<int>(Status::usage), launched.rank == 0 ? message : ""};
  }
  const CommandLine line = parse_command_line(argc, argv);
  if (line.answer.empty()) return {dispatch(stops, line), ""};
  if (launched.rank == 0) std::fputs(line.answer.c_str(), stdout);
  return {};
}

}  // namespace

bool works_without_mpi(int argc, const char* const* argv) {
  const std::string command = command_of(argc, argv);
  return starts_runs(command) || command == "completion" || command == "manual";
}

int drive(int argc, const char* const* argv) {
  StopRequests stops;   // before the first thread
  Outcome outcome;
  try {
    outcome = run(stops, argc, argv);
  } catch (...) {
    outcome = describe_failure(std::current_exception());
  }
  return leave(outcome, nullptr);
}

}  // namespace jetpinn
