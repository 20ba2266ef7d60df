// The patterns that a config's networks name, and the copies of them that a run folder keeps: a run goes on, and is read,
// with those that it began with.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/io/checkpoint_store.hpp"
#include "jetpinn/network/network.hpp"

#include <string>

namespace jetpinn {

// Where a run folder keeps the pattern of its only network.
std::string kept_pattern(const std::string& folder);

// Collective. Networks whose patterns the run in `folder` keeps read these.
void take_kept_patterns(Communicator& communicator, NetworkOptions& options, const std::string& folder);

// Copies the patterns to `folder`, unless that is where they are read from. One rank alone. Throws Error.
void keep_patterns(const NetworkOptions& options, const std::string& folder);

// What a checkpoint of the run in `folder` holds are the weights that its pattern keeps, and no others. Throws Error
// (storage) where the network has another pattern: by the checkpoint's hash of it, or, where that has none, by the bits in
// network.h5.
void require_kept_patterns(const LoadedCheckpoint& checkpoint, const Network& network, const std::string& folder);

}  // namespace jetpinn
