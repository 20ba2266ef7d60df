// What a precision asks of the machine and of the rest of a training.
#pragma once

#include "jetpinn/train/options.hpp"

namespace jetpinn {

// Whether some stage that takes steps does; where none takes any, the run's evaluations.
bool computes_in(const TrainingOptions& training, Precision precision);

// Throws Error (usage) for a training with stages in bf16 where the processor or the build has no such products, and with
// the reference engine.
void require_precision(const TrainingOptions& training);

}  // namespace jetpinn
