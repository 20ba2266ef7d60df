#include "jetpinn/study/launch_environment.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/io/atomic_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string_view>

extern char** environ;

namespace jetpinn {
namespace {

bool begins(std::string_view text, std::string_view with) { return text.substr(0, with.size()) == with; }

// What mpirun and srun tell a rank about itself: a child would take itself for that rank.
bool of_a_launcher(std::string_view variable, bool under_mpirun) {
  static constexpr std::string_view launchers[] = {
      "PMIX_", "PMI_", "SLURM_STEP_", "SLURM_STEPID=", "SLURM_PROCID=", "SLURM_LOCALID=", "SLURM_TASK_PID="};
  for (const std::string_view prefix : launchers)
    if (begins(variable, prefix)) return true;
  if (!begins(variable, "OMPI_")) return false;
  if (!begins(variable, "OMPI_MCA_")) return !begins(variable, "OMPI_ALLOW_RUN_AS_ROOT");
  // mpirun passes its own wiring on by parameters too; a user's parameters stay.
  static constexpr std::string_view wiring[] = {"OMPI_MCA_orte_",         "OMPI_MCA_ess",
                                                "OMPI_MCA_pmix=",         "OMPI_MCA_initial_wdir=",
                                                "OMPI_MCA_shmem_RUNTIME", "OMPI_MCA_mpi_oversubscribe="};
  return under_mpirun && std::any_of(std::begin(wiring), std::end(wiring),
                                     [&](std::string_view prefix) { return begins(variable, prefix); });
}

bool has(const std::vector<std::string>& variables, const std::string& name) {
  return std::any_of(variables.begin(), variables.end(), [&](const std::string& v) { return begins(v, name + "="); });
}

}  // namespace

std::vector<std::string> own_environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable; ++variable) variables.emplace_back(*variable);
  return variables;
}

std::vector<std::string> launch_environment(const std::vector<std::string>& outer, const std::string& status_file) {
  const bool under_mpirun = has(outer, "OMPI_COMM_WORLD_SIZE");
  std::vector<std::string> variables;
  for (const std::string& variable : outer)
    if (!of_a_launcher(variable, under_mpirun) && !begins(variable, "JETPINN_STATUS_FILE=") &&
        !begins(variable, "JETPINN_TERMINAL="))
      variables.push_back(variable);
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!has(variables, name)) variables.push_back(name + "=" + value);
  };
  add("OMPI_ALLOW_RUN_AS_ROOT", "1");
  add("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
  // Shared memory alone is for one machine; an allocation of several has a network that Open MPI must find.
  const auto nodes = std::find_if(variables.begin(), variables.end(),
                                  [](const std::string& v) { return begins(v, "SLURM_JOB_NUM_NODES="); });
  if (nodes == variables.end() || nodes->ends_with("=1")) {
    add("OMPI_MCA_pml", "ob1");
    add("OMPI_MCA_btl", "self,vader");
  }
  add("OMPI_MCA_btl_vader_single_copy_mechanism", "none");
  add("OMP_NUM_THREADS", "1");
  add("PMIX_OUTPUT_REDIRECT", "file");   // the daemon's words about a lost rank
  add("JETPINN_TERMINAL", "0");
  add("JETPINN_STATUS_FILE", status_file);
  return variables;
}

std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string candidate = (folder.empty() ? "." : folder) + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0 && !is_folder(candidate)) return candidate;
  }
  return "";
}

std::string own_program() {
  std::error_code trouble;
  const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", trouble);
  if (trouble) throw Error(Status::usage, "cannot find this program's own path: /proc/self/exe: " + trouble.message());
  return path.string();
}

int environment_number(const char* name) {
  const char* text = std::getenv(name);
  return text ? std::atoi(text) : 0;
}

}  // namespace jetpinn
