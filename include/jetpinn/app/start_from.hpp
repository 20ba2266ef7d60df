// training.start_from: a training that begins with the network of another run.
#pragma once

#include "jetpinn/config/config.hpp"
#include "jetpinn/network/network.hpp"

#include <vector>

namespace jetpinn {

// The parameters that the run in config.training.start_from has left; empty: the key is not set. Throws Error (usage) where
// there is no such run, where it has left no network, and where its network is another one: what differs is named. A number
// that is trained in both begins with the value that was left, another one with its own start. Not collective; every rank
// needs them.
std::vector<double> read_start(const Config& config, const Network& network);

}  // namespace jetpinn
