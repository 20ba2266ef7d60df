// Starts this program on ranks of this machine, for commands that measure whole runs. The caller itself has not started MPI.
#pragma once

#include <string>
#include <vector>

namespace jetpinn {

struct LaunchOptions {
  int ranks = 1;
  bool oversubscribe = false;   // more ranks than cores, unbound
  double limit_s = 0;           // ended with status 4 after this time; 0: never
  std::string log;              // file for what the ranks print
};

struct LaunchResult {
  int status = 0;               // of the contract: the ranks' own, as jobs/local takes it
  double seconds = 0;           // from the start of mpirun to its end
};

// Runs `jetpinn ARGUMENTS` under mpirun (one rank: without it) and waits. A signal to this process that asks to stop is passed on.
// Throws Error (usage) where mpirun is not there.
LaunchResult launch(const LaunchOptions& options, const std::vector<std::string>& arguments);

int available_cores();   // cores, not hardware threads, that this process may use

}  // namespace jetpinn
