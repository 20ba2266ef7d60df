// Starts this program on ranks of this machine, for commands that measure whole runs. The caller itself has not started MPI.
#pragma once

#include "jetpinn/study/cores.hpp"
#include "jetpinn/study/stop_requests.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace jetpinn {

struct LaunchOptions {
  int ranks = 1;
  bool oversubscribe = false;   // more ranks than cores, unbound
  double limit_s = 0;           // ended with status 4 after this time; 0: never
  std::string log;              // file for what the ranks print, written anew; empty: thrown away. Its
                                // folder must be seen by all ranks
  bool bind = true;             // each rank to a core; not where several runs share the cores
};

struct LaunchResult {
  int status = 0;               // of the contract: the ranks' own, as jobs/local takes it
  double seconds = 0;           // from the start of mpirun to its end
  bool timed_out = false;       // ended because of limit_s, or because mpirun started no rank
};

// Runs `jetpinn ARGUMENTS` under mpirun (one rank: without it) and waits. Each rank has one thread unless
// OMP_NUM_THREADS says otherwise. A request to stop this process is passed on; a second INT
// ends the run at once. Whatever happens, nothing of the run is left behind. Throws Error (usage) where mpirun is not
// there or the log cannot be written.
LaunchResult launch(StopRequests& stops, const LaunchOptions& options, const std::vector<std::string>& arguments);
// The same for any command that reports statuses as the ranks do; command[0] is a path.
LaunchResult supervise(StopRequests& stops, const LaunchOptions& options, const std::vector<std::string>& command);

// The words that give a study's --device to its runs: none for "auto", which is what they take by themselves.
std::vector<std::string> device_words(const std::string& device);

struct LaunchedRun {
  LaunchOptions options;        // with a log of its own
  std::vector<std::string> arguments;
};
// Many of them, at most `at_once` at a time and in their order; `ended` hears of each with its number. A request to stop
// reaches all that are at work, and no other is started: false then, when they have ended.
bool launch_side_by_side(StopRequests& stops, const std::vector<LaunchedRun>& runs, int at_once,
                         const std::function<void(std::size_t, const LaunchResult&)>& ended);

}  // namespace jetpinn
