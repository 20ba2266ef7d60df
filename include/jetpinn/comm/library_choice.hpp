// Whether MPI or NCCL sums gradients: as the options say, or what is faster here.
#pragma once

#include "jetpinn/comm/gradient_sync.hpp"

#include <memory>

namespace jetpinn {

// Of library nccl or automatic. Collective. Sums by MPI where ranks share a GPU, and automatically where NCCL cannot be used
// or is not faster; summed_by() says which and why.
std::unique_ptr<GradientSync> make_chosen_sync(Communicator& communicator, const GradientSyncOptions& options);

}  // namespace jetpinn
