// The environment of runs that a command starts.
#pragma once

#include <string>
#include <vector>

namespace jetpinn {

// "NAME=VALUE" of this process without what a launcher left in it (this process may itself have been started by mpirun or
// srun), with what Open MPI needs on one machine (jobs/setup, export_mpi_environment), one thread per rank and
// `status_file`. What the user has set stays.
std::vector<std::string> launch_environment(const std::vector<std::string>& outer, const std::string& status_file);
std::vector<std::string> own_environment();

// Where a program lies, by PATH; empty: nowhere.
std::string find_program(const std::string& name);
// The path of this program.
std::string own_program();

// The number in an environment variable, as of Slurm; 0 where it is not set or is none.
int environment_number(const char* name);

}  // namespace jetpinn
