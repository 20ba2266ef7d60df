// What an optimiser is told of a network's parameters.
#pragma once

#include "jetpinn/expr/trained_number.hpp"
#include "jetpinn/network/network.hpp"
#include "jetpinn/optim/parameter_layout.hpp"

#include <vector>

namespace jetpinn {

// A block of more than two extents is a matrix of its last one's columns.
// trained: the numbers behind the layers, each a matrix of its own; none: they are one matrix.
ParameterLayout parameter_layout(const Network& network, const std::vector<TrainedNumber>& trained = {});

}  // namespace jetpinn
