// Learning rates as functions of the step within a stage.
#pragma once

#include <cstdint>
#include <string>

namespace jetpinn {

struct ScheduleOptions {
  std::string kind = "constant";   // constant | exponential | cosine
  double start = 1e-3;
  double decay = 0.9;              // exponential: factor ...
  double every = 1000;             // ... per this many steps (smooth)
  double end = 0;                  // cosine: final rate
  std::int64_t warmup = 0;         // steps of linear rise from 0
};

// Rate of step `step` (0-based) of a stage of `steps`.
double learning_rate(const ScheduleOptions& options, std::int64_t step, std::int64_t steps);

}  // namespace jetpinn
