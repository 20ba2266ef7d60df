// What a run trained behind one of its steps, as stages of another training.
#pragma once

#include "jetpinn/config/config.hpp"

#include <cstdint>
#include <string>

namespace jetpinn {

// The value of training.stages for a training that takes up a run where `done` steps of `stage` are done: that stage with
// the steps that are left of it, and those behind it. Constant, exponential and piecewise rates go on as they would have
// there. Throws Error (usage) where another schedule would have to begin in its midst, which no key of the config says.
std::string stages_behind(const Config& config, std::int64_t stage, std::int64_t done);

}  // namespace jetpinn
