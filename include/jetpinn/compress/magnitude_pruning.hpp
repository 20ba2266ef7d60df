// Weights of small magnitude are left out, over all matrices together (Han, Pool, Tran and Dally, 2015), in rounds whose
// sparsity rises by a cubic (Zhu and Gupta, 2017).
#pragma once

#include "jetpinn/compress/weight_stack.hpp"

namespace jetpinn {

// Every matrix keeps this share of its weights, and one at least, so that no layer vanishes.
inline constexpr double least_density = 0.02;

// Share of the weights that are left out after `round` of `rounds`, from `before` to `target`:
// target + (before - target) (1 - round / rounds)^3.
double sparsity_after(int round, int rounds, double before, double target);

// Leaves the smallest weights out until so large a share of all is. sparsity: at most 1 - least_density.
void prune_by_magnitude(WeightStack& stack, double sparsity);

}  // namespace jetpinn
