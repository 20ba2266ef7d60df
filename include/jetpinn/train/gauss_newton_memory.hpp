// What the system of a Gauss-Newton step takes, before anything is made.
#pragma once

#include "jetpinn/optim/natural_gradient.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstddef>
#include <cstdint>

namespace jetpinn {

// At the points of a stage.
NaturalGradientSystem gauss_newton_system(const Assembly& assembly, std::size_t stage);

// Bytes of a rank for the rows of squared means in any linearisation, and for the sum that they come from.
std::int64_t plan_means_memory(const Assembly& assembly, const TrainingOptions& training);

// Bytes of one rank while a step is made: its linearisation, its rows of J, the triangle that is summed, and on rank 0 the
// matrix and its factors.
std::int64_t plan_gauss_newton_memory(const Assembly& assembly, const TrainingOptions& training, std::size_t stage,
                                      int rank);

}  // namespace jetpinn
