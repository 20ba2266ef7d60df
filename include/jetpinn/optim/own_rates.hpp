// Matrices with learning rates of their own take the stage's schedule from their own rate on, which makes their rate a
// fixed multiple of the stage's.
#pragma once

#include "jetpinn/optim/parameter_layout.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

// Parameters beside one another whose rate is `factor` times that of the stage.
struct RateRange {
  std::int64_t begin = 0, length = 0;
  double factor = 1;
};

// All parameters, in order, in as few ranges as there can be. stage_rate: where the stage's schedule begins.
std::vector<RateRange> rate_ranges(const ParameterLayout& layout, double stage_rate);

}  // namespace jetpinn
