// The parameters of the lowest training loss, for output.keep_best.
#pragma once

#include "jetpinn/base/state.hpp"

#include <cstdint>
#include <limits>
#include <vector>

namespace jetpinn {

class BestNetwork {
 public:
  void begin(const std::vector<double>& parameters) { previous_ = parameters; }   // before the first step
  // After every step, the `step`-th. `parameters` are those after it; the loss belongs to them (L-BFGS), or
  // to those before the step (Adam).
  void account(std::int64_t step, double loss, bool loss_is_after_step, const std::vector<double>& parameters);

  // There is a network of a loss below this one. A loss that is not finite is above all.
  bool beats(double loss) const { return !parameters_.empty() && !(loss <= loss_); }
  const std::vector<double>& parameters() const { return parameters_; }
  std::int64_t step() const { return step_; }   // after which the network was this one
  void swap(std::vector<double>& parameters) { parameters_.swap(parameters); }

  State state() {
    return {{"loss", &loss_}, {"step", &step_}, {"parameters", &parameters_}, {"previous_parameters", &previous_}};
  }

 private:
  double loss_ = std::numeric_limits<double>::infinity();
  std::int64_t step_ = 0;
  std::vector<double> parameters_, previous_;   // replicated; empty: none yet
};

}  // namespace jetpinn
