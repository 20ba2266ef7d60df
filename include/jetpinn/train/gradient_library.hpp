// Which library sums a run's gradients: as its config says, or, for "auto", what was measured before the first step.
#pragma once

#include "jetpinn/comm/gradient_sync.hpp"
#include "jetpinn/train/options.hpp"

#include <cstdint>
#include <string>

namespace jetpinn {

// Which library sums was measured, and with it go the bits of the run: a checkpoint keeps it with them.
bool keeps_gradient_library(const RunOptions& run, Reproducibility level);

// `chosen`: the library that sums already, as in the config; empty: none yet. device: where the run computes.
GradientSyncOptions gradient_sync_options(const RunOptions& run, std::int64_t parameters, const std::string& chosen,
                                          const std::string& device = "cpu");

}  // namespace jetpinn
