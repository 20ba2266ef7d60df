// The pictures of a scaling study.
#pragma once

#include "jetpinn/chart/chart.hpp"
#include "jetpinn/scale/scale_study.hpp"

#include <string>
#include <vector>

namespace jetpinn {

// Those that the study has data for: speed-up and efficiency against ranks, efficiency against points per rank, where
// the time of a step goes, memory.
std::vector<Picture> draw_study(const Study& study);

}  // namespace jetpinn
