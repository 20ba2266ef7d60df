// Sets of points that ranks share, joined to one set and dealt anew.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/sampling/point_set.hpp"

#include <vector>

namespace jetpinn {

// The points of `parts`, a part behind the other, in each of them those of rank 0 before those of rank 1: this rank's blocks
// of them. parts: rank-local, with the same columns; their blocks are not looked at. blocks: [ranks] of the whole, which run
// through it in the order of ranks. Weights of balancing (term_weight, point_weight) are those of the first part's term and
// 1. Collective.
TermPoints join_points(Communicator& communicator, const std::vector<TermPoints>& parts,
                       const std::vector<std::vector<Block>>& blocks);

}  // namespace jetpinn
