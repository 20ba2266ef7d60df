// The decoupled weight decay of AdamW (Loshchilov and Hutter, arXiv:1711.05101, algorithm 2), with the rate as a factor of
// the decay, as PyTorch's AdamW has it: x <- x - a d x beside Adam's own step of rate a.
#pragma once

#include "jetpinn/optim/flat_vector.hpp"
#include "jetpinn/optim/parameter_layout.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace jetpinn {

class WeightDecay {
 public:
  WeightDecay() = default;  // none
  // Weights and biases of the network decay. Numbers of the expressions do not, because zero is no better guess of them, and
  // what is not trained stays what it is.
  WeightDecay(double decay, const ParameterLayout& layout);

  void apply(double rate, RealPlace parameters) const;

 private:
  double decay_ = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> ranges_;  // (begin, length)
};

}  // namespace jetpinn
