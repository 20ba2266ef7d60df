// The threshold of a gate, moved so that the share of active samples holds its target: a PI controller of the logarithm,
//
//   e_n = log(rate_n / target),   I_n = I_{n-1} + k_i e_n,   log threshold_{n+1} = I_n + k_p e_n,
//
// for the rate falls as a power of the threshold, with an exponent between -1 and 0 (gate/selection.hpp): with such a plant
// the loop z^2 - z (1 - s (k_i + k_p)) - s k_p has its roots in the unit circle for all s in (0, 1] where k_p < 1 and
// k_i + 2 k_p < 2. Against windup the threshold is bounded, and while it lies on a bound the integral moves inwards alone
// (conditional integration: Astrom and Hagglund, Advanced PID Control, 2006, section 3.5).
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/gate/gate_options.hpp"

namespace jetpinn {

// Replicated: equal rates give equal thresholds.
class RateController {
 public:
  RateController(double target, const ControllerOptions& options);  // the threshold is 1, or the nearest bound

  double threshold() const;
  void account(double rate);                     // of the step that the threshold was used in, over all ranks; [0, 1]
  void aim(double target) { target_ = target; }  // the threshold stays where it is

  State state() { return {{"integral", &integral_}, {"log_threshold", &log_threshold_}}; }

 private:
  double target_;
  ControllerOptions options_;
  double integral_ = 0, log_threshold_ = 0;
};

}  // namespace jetpinn
