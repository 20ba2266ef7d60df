// What the log of a run tells over its steps, as charts.
#pragma once

#include "jetpinn/report/html.hpp"
#include "jetpinn/report/run_data.hpp"

#include <vector>

namespace jetpinn {

// Loss (training and independent points), each term, errors, learning rate, gradient norm: those that the log has.
Gallery loss_curves(const RunData& run);

// The losses and errors of several runs, each run a line.
Gallery compared_curves(const std::vector<RunData>& runs);

// At most `most` points, the smallest and the largest of each stretch among them; not finite
// values break the line and are kept.
std::vector<ChartPoint> thinned(const Curve& curve, std::size_t most = 600);

}  // namespace jetpinn
