// 1. start the watchdog, MPI and Kokkos  2. read the command line  3. run the command
// 4. leave together, with one message and one status.
// Commands that start runs of their own are taken out before 1, for they must not be an MPI process themselves; so
// are those that only print words.
#include "jetpinn/app/command_line.hpp"
#include "jetpinn/app/commands.hpp"
#include "jetpinn/app/driver.hpp"
#include "jetpinn/app/leave.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/fault/watchdog.hpp"
#include "jetpinn/runtime/runtime.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>

using namespace jetpinn;

namespace {

int run(int argc, char** argv, double program_start) {
  Communicator communicator;
  CommandLine line;
  communicator.agree("command line", [&] { line = parse_command_line(argc, argv); });
  if (!line.answer.empty()) {
    if (communicator.root()) std::fputs(line.answer.c_str(), stdout);
    return static_cast<int>(Status::done);
  }
  return run_command(communicator, line, program_start);
}

}  // namespace

int main(int argc, char** argv) {
  if (works_without_mpi(argc, argv)) return drive(argc, argv);
  start_watchdog();
  const double program_start = wall_seconds();
  begin_regions(program_start);
  std::optional<Runtime> runtime;
  Outcome outcome;
  try {
    runtime.emplace(argc, argv);
    outcome.status = run(argc, argv, program_start);
  } catch (...) {
    outcome = describe_failure(std::current_exception());
  }
  const int status = leave(outcome, runtime ? &*runtime : nullptr);
  runtime.reset();
  stop_watchdog();
#ifndef __SANITIZE_ADDRESS__   // which looks for leaks where this does not go
  // Nothing of ours is left to do. LibTorch would unregister its operators one by one, which
  // takes as long as a hundred steps.
  std::fflush(nullptr);
  std::_Exit(status);
#endif
  return status;
}
