// What an optimiser is told of a network's parameters.
#pragma once

#include "jetpinn/network/network.hpp"
#include "jetpinn/optim/parameter_layout.hpp"

namespace jetpinn {

// A block of more than two extents is a matrix of its last one's columns.
ParameterLayout parameter_layout(const Network& network);

}  // namespace jetpinn
