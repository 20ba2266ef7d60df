// Learning rates as functions of the step within a stage.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct ScheduleOptions {
  std::string kind = "constant";  // constant | exponential | cosine | piecewise | cyclical | one_cycle | gradient_norm |
                                  // stall
  double start = 1e-3;
  double decay = 0.9;              // exponential, stall: factor ...
  double every = 1000;             // ... per this many steps (smooth); stall: steps of a window
  double end = 0;                  // cosine, one_cycle: final rate; gradient_norm, stall: lowest one
  double factor = 0.999;           // stall: what a window must fall below, as a share of the lowest before it
  std::vector<std::int64_t> at;    // piecewise: steps, rising, from which on ...
  std::vector<double> factors;     // ... the rate is multiplied by these, on top of the earlier ones
  double max = 1e-2;               // cyclical, one_cycle: largest rate
  double period = 1000;            // cyclical: steps from one start to the next
  std::int64_t warmup = 0;         // steps of linear rise from 0
};

// Rate of step `step` (0-based) of a stage of `steps`. Warm-up rises to `start`; the schedule begins behind it, but for the
// steps of `at`, which are those of the stage.
// cyclical: the triangular rate of Smith, arXiv:1506.01186: start to max and back within a period.
// one_cycle: Smith and Topin, arXiv:1708.07120: start to max and back in nine tenths of the steps, then on to `end`; linear.
// gradient_norm, stall: that of `constant`, to be multiplied by what adaptive_rate.hpp makes of the steps before.
double learning_rate(const ScheduleOptions& options, std::int64_t step, std::int64_t steps);

}  // namespace jetpinn
