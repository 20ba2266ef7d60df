// What a precision asks of the machine and of the rest of a training.
#pragma once

#include "jetpinn/train/options.hpp"

namespace jetpinn {

// Throws Error (usage) for a training with stages in bf16 where the processor or the build has no such products, and with
// the reference engine.
void require_precision(const TrainingOptions& training);

}  // namespace jetpinn
