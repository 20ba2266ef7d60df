// How this program waits for MPI: polling with a deadline, so that a lost rank becomes an error and not a hang.
#pragma once

#include <mpi.h>

#include <vector>

namespace jetpinn {

// Throws Error (communication) naming the phase, this rank and MPI's own words when `code` is not MPI_SUCCESS.
void check_mpi(int code, const char* phase);

// Returns when all requests are complete (and empties the list). Spins briefly, then sleeps between looks.
// Throws Error (communication) after deadline_s seconds (0: none) or when the watchdog knows of a loss (see throw_loss); the requests stay
// pending, their buffers must stay alive.
void wait_all(std::vector<MPI_Request>& requests, const char* phase, double deadline_s);

}  // namespace jetpinn
