// Sums over ranks by NCCL of buffers in the host's memory: each goes to the rank's GPU by way of pinned memory, is summed
// there, and comes back when the sum is complete. What lies on the GPU already is summed where it lies. The host waits for
// none of it but in wait().
#pragma once

#include "jetpinn/comm/gradient_sync.hpp"
#include "jetpinn/comm/nccl_place.hpp"

#include <memory>

namespace jetpinn {

// Collective. Takes the communicators that an earlier sync of the same kind has left with `communicator`, if all ranks have
// some. What was on its way when the sync is destroyed is aborted.
std::unique_ptr<GradientSync> make_nccl_sync(Communicator& communicator, const GradientSyncOptions& options,
                                             const NcclPlace& place);

}  // namespace jetpinn
