// Commands that start runs of this program as MPI jobs of their own (study/launch.hpp). They do not start MPI: a process
// that did could not start another job.
#pragma once

#include "jetpinn/app/command_line.hpp"
#include "jetpinn/study/stop_requests.hpp"

namespace jetpinn {

// Whether the command line names such a command (scale, sweep, study, bench targets), or one that is nothing
// but words (completion, manual).
bool works_without_mpi(int argc, const char* const* argv);

// Reads the command line, runs the command and returns its status, with at most one message. A command that starts runs as
// one of several ranks: status 2.
int drive(int argc, const char* const* argv);

// The commands. Errors are thrown.
int run_bench_targets(StopRequests& stops, const CommandLine& line);
int run_scale(StopRequests& stops, const CommandLine& line);
int run_sweep(StopRequests& stops, const CommandLine& line);
int run_study_gate(StopRequests& stops, const CommandLine& line);

}  // namespace jetpinn
