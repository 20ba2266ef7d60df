// The parameters of the lowest training loss, for output.keep_best.
#pragma once

#include "jetpinn/base/state.hpp"

#include <limits>
#include <vector>

namespace jetpinn {

class BestNetwork {
 public:
  // After every step. `parameters` are those after it; the loss belongs to them (L-BFGS), or to those before the step (Adam).
  void account(double loss, bool loss_is_after_step, const std::vector<double>& parameters);

  // There is a network of a loss below this one. A loss that is not finite is above all.
  bool beats(double loss) const { return !parameters_.empty() && !(loss <= loss_); }
  const std::vector<double>& parameters() const { return parameters_; }

  State state() { return {{"loss", &loss_}, {"parameters", &parameters_}, {"previous_parameters", &previous_}}; }

 private:
  double loss_ = std::numeric_limits<double>::infinity();
  std::vector<double> parameters_, previous_;   // replicated; empty: none yet
};

}  // namespace jetpinn
