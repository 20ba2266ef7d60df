// The parameters of the lowest training loss, for output.keep_best.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/optim/placed_vector.hpp"

#include <cstdint>
#include <limits>

namespace jetpinn {

class BestNetwork {
 public:
  explicit BestNetwork(bool keeps = true) : keeps_(keeps) {}   // false: it takes and gives none

  void begin(const PlacedVector& parameters);  // before the first step
  // After a checkpoint was restored, with its parameters: the run may have kept none until now.
  void go_on(const PlacedVector& parameters);
  // After every step, the `step`-th. `parameters` are those after it; the loss belongs to them (L-BFGS), or to those before
  // the step (Adam).
  void account(std::int64_t step, double loss, bool loss_is_after_step, const PlacedVector& parameters);

  // The loss is another function from here on: no network of before is compared with what comes.
  void forget();

  // There is a network of a loss below this one. A loss that is not finite is above all.
  bool beats(double loss) const { return !parameters_.empty() && !(loss <= loss_); }
  const PlacedVector& parameters() const { return parameters_; }
  std::int64_t step() const { return step_; }   // after which the network was this one

  // Behind the last step, once. `parameters` are those after it and `last` is their loss: they become the best ones where
  // those have a lower loss still, by more than rounding, or a finite one alone. Returns the loss of what they are then,
  // which was evaluated last. gradient: [parameters], is written over. Collective where the objective is.
  Objective::Value settle(Objective& objective, const Objective::Value& last, PlacedVector& parameters,
                          PlacedVector& gradient);
  std::int64_t kept_step() const { return kept_step_; }   // whose network the run leaves; < 0: the last one's

  State state() {
    return {
        {"loss", &loss_}, {"step", &step_}, {"parameters", &parameters_.open()}, {"previous_parameters", &previous_.open()}};
  }

 private:
  bool keeps_;
  double loss_ = std::numeric_limits<double>::infinity();
  std::int64_t step_ = 0, kept_step_ = -1;
  PlacedVector parameters_, previous_;  // replicated, where those of the run are; empty: none yet
};

}  // namespace jetpinn
