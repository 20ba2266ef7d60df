// The length, area, ... of the set on which the points of a term lie, as `check` tells it: what turns the mean that is in
// the loss into an integral.
#pragma once

#include "jetpinn/train/assembly.hpp"

#include <string>
#include <vector>

namespace jetpinn {

// A sentence for each term whose points are drawn in a set with a measure: "heat 2, Gauss-Legendre nodes 32 x 31". Where a
// condition is no bound of a coordinate, the measure is estimated from trial points, "about 0.785".
std::vector<std::string> measure_sentences(const Assembly& assembly);

}  // namespace jetpinn
