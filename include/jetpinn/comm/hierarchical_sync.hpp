// Sums over ranks by way of the first rank of every node: a buffer crosses the network once per node, not once per rank.
#pragma once

#include "jetpinn/comm/gradient_sync.hpp"

#include <memory>

namespace jetpinn {

// Collective.
std::unique_ptr<GradientSync> make_hierarchical_sync(Communicator& communicator, const GradientSyncOptions& options);

}  // namespace jetpinn
