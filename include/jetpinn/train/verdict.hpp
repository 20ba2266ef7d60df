// What looks wrong at the end of a run, in a sentence each: the figure, and the key to change. Most telling first.
#pragma once

#include "jetpinn/base/warning.hpp"
#include "jetpinn/train/observer.hpp"

namespace jetpinn {

// From the facts and the end of a run; kinds "gap", "stall", "line search", "share". Equal on
// every rank where the summary is.
Warnings verdicts(const RunFacts& facts, const RunSummary& summary);

}  // namespace jetpinn
