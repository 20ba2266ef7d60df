// Residuals of a trained network: of each equation over the domain, of each condition where it holds.
// And the points it was trained on.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/report/html.hpp"
#include "jetpinn/report/run_network.hpp"

namespace jetpinn {

// Collective; pictures on rank 0.
Gallery residual_gallery(const RunNetwork& network);
Gallery condition_gallery(const RunNetwork& network);

// Rank 0 alone: some of each term's points, as they were before any resampling.
// kept: the state of the run's last checkpoint, for points that follow the residual; empty: they are shown as they began.
Gallery point_gallery(const Assembly& assembly, const StateValues& kept = {});

}  // namespace jetpinn
