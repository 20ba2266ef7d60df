// Weights of small magnitude are left out, over all matrices together (Han, Pool, Tran and Dally, 2015), in rounds whose
// sparsity rises by a cubic (Zhu and Gupta, 2017).
#pragma once

#include "jetpinn/compress/weight_stack.hpp"

namespace jetpinn {

// Every matrix keeps this share of its weights, so that no layer vanishes.
inline constexpr double least_density = 0.02;

// The largest share that can be left out: of its weights every matrix keeps least_density, and as many as the network has
// outputs, for each output goes on depending on an input through all layers.
double most_sparsity(const WeightStack& stack);

// Share of the weights that are left out after `round` of `rounds`, from `before` to `target`:
// target + (before - target) (1 - round / rounds)^3.
double sparsity_after(int round, int rounds, double before, double target);

// Leaves the smallest weights out until so large a share of all is, and with each those that serve nothing without it, so
// that what is kept is what outputs depend on (serving_weights.hpp), but for the largest of each matrix, which stay as its
// least_density whether they serve or not. Those stay that each output needs: the largest weight into it, the largest into
// the unit which that one reads, and so on to an input. sparsity: at most most_sparsity().
void prune_by_magnitude(WeightStack& stack, double sparsity);

}  // namespace jetpinn
