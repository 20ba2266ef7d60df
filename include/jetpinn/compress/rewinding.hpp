// Weights that are kept go back to what they were earlier in the training, as in Frankle, Dziugaite, Roy and Carbin, Linear
// mode connectivity and the lottery ticket hypothesis (2020), and Renda, Frankle and Carbin, Comparing rewinding and
// fine-tuning in neural network pruning (2020): which weights are kept the trained values decide, where they begin anew the
// earlier ones.
#pragma once

#include "jetpinn/compress/weight_stack.hpp"

namespace jetpinn {

// Weights and biases of the stack become those of `earlier`, a stack of the same layers that keeps at least the same places.
void set_back(WeightStack& stack, const WeightStack& earlier);

}  // namespace jetpinn
