// Sums over ranks in the host's memory, by MPI's non-blocking collectives.
#pragma once

#include "jetpinn/comm/gradient_sync.hpp"

#include <mpi.h>

#include <memory>

namespace jetpinn {

inline MPI_Datatype mpi_type(SumPart::Type type) {
  if (type == SumPart::Type::int64) return MPI_INT64_T;
  return type == SumPart::Type::fp32 ? MPI_FLOAT : MPI_DOUBLE;
}

// Of the kind that the options name, whatever their library. Collective where it is hierarchical.
std::unique_ptr<GradientSync> make_mpi_sync(Communicator& communicator, const GradientSyncOptions& options);

}  // namespace jetpinn
