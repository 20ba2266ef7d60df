// Ranks that wait for each other beside what is tested: which rank is late must not hang on how long a
// busy machine keeps one of them.
#pragma once

#include "support/world.hpp"

#include <mpi.h>

namespace jetpinn::test {

constexpr int turn_tag = 4711;

// For the rank that is to be late: until every other rank has said done().
inline void wait_until_others_are_done() {
  for (int others = world().size() - 1; others > 0; --others)
    MPI_Recv(nullptr, 0, MPI_BYTE, MPI_ANY_SOURCE, turn_tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}
inline void tell_done(int late_rank) { MPI_Send(nullptr, 0, MPI_BYTE, late_rank, turn_tag, MPI_COMM_WORLD); }

}  // namespace jetpinn::test
