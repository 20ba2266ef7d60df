// Weights of whole terms from numbers that all ranks share: pure functions.
#pragma once

#include <vector>

namespace jetpinn {

// w_t = mean(s) / (s_t + 1e-5 mean(s)): terms whose sizes s differ contribute alike, and equal sizes give weights 1 (S.
// Wang, S. Sankaran, H. Wang, P. Perdikaris, An expert's guide to training physics-informed neural networks,
// arXiv:2308.08468, with the mean of its program where the paper has the sum). Empty where the sizes are not finite or all
// zero.
std::vector<double> equalising_weights(const std::vector<double>& sizes);

// w_t = m softmax_t(L_t / (T L'_t)) over m terms with losses L now and L' before: what falls slower counts more (R. Bischof,
// M. Kraus, Multi-objective loss balancing for physics-informed deep learning, arXiv:2110.09813, eq. 11). A loss that was
// zero counts as one that stayed. None is below epsilon of the largest. Empty where a loss is not finite.
std::vector<double> relative_weights(const std::vector<double>& losses, const std::vector<double>& before,
                                     double temperature);

// weights = momentum weights + (1 - momentum) target; an empty target changes nothing.
void move_towards(std::vector<double>& weights, const std::vector<double>& target, double momentum);

}  // namespace jetpinn
