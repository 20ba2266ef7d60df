// The process: what must be started in order before anything else and ended after everything else.
#pragma once

#include "jetpinn/base/region.hpp"

#include <memory>

namespace jetpinn {

// Starts MPI (main thread only calls it), Kokkos, and takes over USR1, INT and TERM. Profilers that are
// attached to the process hear its regions. No core dumps unless JETPINN_CORE=1. Without mpirun: one rank.
// What already runs is left alone, and left running by the destructor.
class Runtime {
 public:
  Runtime(int& argc, char**& argv);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // After a communication failure: the destructor no longer ends MPI, which would wait for the lost rank.
  void abandon() noexcept { abandoned_ = true; }

 private:
  bool started_mpi_ = false, started_kokkos_ = false, abandoned_ = false;
  std::unique_ptr<RegionListener> region_tools_;   // others' profilers, where one is attached
};

// This rank got USR1, INT or TERM since its start. The handler sets this flag, no more; a second INT
// ends the process with status 4.
bool stop_requested();

}  // namespace jetpinn
