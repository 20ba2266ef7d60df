// How this program waits for MPI: polling with a deadline, so that a lost rank becomes an error and not a hang.
#pragma once

#include <mpi.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace jetpinn {

// Throws Error (communication) naming the phase, this rank and MPI's own words when `code` is not MPI_SUCCESS.
void check_mpi(int code, const char* phase);

// How long to look without a pause for data of this size: long transfers take many rounds, and MPI begins the next
// one only when it is looked at. s.
double patience_for(std::int64_t bytes);

// Returns when `complete`, which lets MPI work, says so. Looks for spin_s seconds without a
// pause, then sleeps between looks.
// Throws Error (communication) after deadline_s seconds (0: none) or when the watchdog knows of a loss (see throw_loss);
// what it waited for stays pending, its buffers must stay alive.
void wait_until(const std::function<bool()>& complete, const char* phase, double deadline_s,
                double spin_s = patience_for(0));

// As above, until all requests are complete; empties the list.
void wait_all(std::vector<MPI_Request>& requests, const char* phase, double deadline_s, double spin_s = patience_for(0));

}  // namespace jetpinn
