#include "jetpinn/runtime/runtime.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/comm/collective_scope.hpp"
#include "jetpinn/fault/job_files.hpp"
#include "jetpinn/runtime/region_tools.hpp"

#include <Kokkos_Core.hpp>
#include <dlfcn.h>
#include <link.h>
#include <mpi.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

volatile std::sig_atomic_t stop_flag = 0, interrupts = 0;

// Whoever presses the interrupt key twice does not want to wait for the step and the checkpoint.
void on_signal(int signal) {
  stop_flag = 1;
  if (signal != SIGINT) return;
  interrupts = interrupts + 1;
  if (interrupts >= 2) leave_at_once("jetpinn: interrupted twice: it ends at once; of a run its last checkpoint stays\n");
}

void handle_signals() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;  // reads and writes under way go on
  for (int signal : {SIGUSR1, SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGXFSZ, &action, nullptr);  // a file beyond `ulimit -f` is a write that fails, as on a full disk
}

// Hundreds of ranks that fail together would fill the file system with their memory.
void limit_core_dumps() {
  const char* wanted = std::getenv("JETPINN_CORE");
  if (wanted && std::strcmp(wanted, "1") == 0) return;
  rlimit limit{};
  if (getrlimit(RLIMIT_CORE, &limit) != 0) return;
  limit.rlim_cur = 0;
  setrlimit(RLIMIT_CORE, &limit);
}

// Open MPI gives a process that no launcher started a daemon of its own, which takes longer to start than all else does.
// Without one, all such processes of a user share the name of a session folder, and the first that ends takes it away from
// under one that begins; a process alone needs none. Only while MPI starts: launchers that the program starts later would
// read the settings too. What the user says of them stays.
class AloneSettings {
 public:
  AloneSettings() {
    for (const char* launched : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"})
      if (std::getenv(launched)) return;
    for (const auto& [name, value] : {std::pair{"OMPI_MCA_ess_singleton_isolated", "1"},
                                      std::pair{"OMPI_MCA_orte_create_session_dirs", "0"}})
      if (!std::getenv(name) && setenv(name, value, 1) == 0) made_.push_back(name);
    // File pointers that ranks share, which HDF5 has none of, would lie in that folder. Read with the first file: it may
    // stay.
    setenv("OMPI_MCA_sharedfp", "^sm", 0);
  }
  ~AloneSettings() {
    for (const char* name : made_) unsetenv(name);
  }
  AloneSettings(const AloneSettings&) = delete;
  AloneSettings& operator=(const AloneSettings&) = delete;

 private:
  std::vector<const char*> made_;
};

// Kokkos sees none of the program's arguments: versions before 4 read flags such as --device and --help for themselves. The
// (argc, argv) form is the one that 3.4 to 5.x share; settings come from the environment (KOKKOS_..., OMP_NUM_THREADS).
void start_kokkos(char* program) {
  int count = 1;
  char* arguments[] = {program, nullptr};
  Kokkos::initialize(count, arguments);
}

// Open MPI 4.1 unloads its plug-ins in MPI_Finalize while a thread of PMIx may still run in one of them, which ends in a
// segmentation fault behind a run that went well (seen once on a busy machine). What is loaded by now stays loaded.
void keep_libraries_loaded() {
  std::vector<std::string> names;   // gathered first: the walk holds a lock of the loader
  const auto gather = [](dl_phdr_info* library, std::size_t, void* list) {
    if (library->dlpi_name && *library->dlpi_name)
      static_cast<std::vector<std::string>*>(list)->push_back(library->dlpi_name);
    return 0;
  };
  dl_iterate_phdr(gather, &names);
  // The handle is given up on purpose: RTLD_NODELETE outlasts it.
  for (const std::string& name : names) dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

}  // namespace

Runtime::Runtime(int& argc, char**& argv) {
  limit_core_dumps();
  handle_signals();  // a stop request during start-up is kept
  int initialized = 0;
  MPI_Initialized(&initialized);
  if (!initialized) {
    CollectiveScope scope("MPI_Init");
    const AloneSettings alone;
    int provided = 0;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
    started_mpi_ = true;
    // Failures come back as codes, which comm turns into errors that name the phase.
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    if (provided < MPI_THREAD_FUNNELED)
      throw Error(Status::communication, "this MPI library offers no threads: build it with thread support");
  }
  if (!Kokkos::is_initialized()) {
    char name[] = "jetpinn";
    start_kokkos(name);
    started_kokkos_ = true;
  }
  region_tools_ = attach_region_tools();
  handle_signals();  // again: MPI and its helpers install handlers of their own
}

Runtime::~Runtime() {
  region_tools_.reset();
  if (started_kokkos_ && Kokkos::is_initialized()) Kokkos::finalize();
  int finalized = 0;
  MPI_Finalized(&finalized);
  if (!started_mpi_ || finalized || abandoned_) return;
  keep_libraries_loaded();
  CollectiveScope scope("MPI_Finalize");
  MPI_Finalize();
}

bool stop_requested() { return stop_flag != 0; }

}  // namespace jetpinn
