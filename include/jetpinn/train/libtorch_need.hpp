// Whether a training asks LibTorch for something (runtime/libtorch.hpp).
#pragma once

#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/options.hpp"

#include <string>

namespace jetpinn {

// What will ask for it on this rank, whatever happens; empty: nothing. Rank 0 solves for all.
std::string libtorch_purpose(const Assembly& assembly, const TrainingOptions& training, int rank);

// The same, or the measurement that chooses the back ends of wide products.
bool may_load_libtorch(const Assembly& assembly, const TrainingOptions& training, int rank);

// Loads it where it will be asked for: a later stage must not be the first to find that it is missing. Throws Error (usage).
void require_libtorch(const Assembly& assembly, const TrainingOptions& training, int rank);

}  // namespace jetpinn
