// What a run says at its end: a screen of some ten lines that fit 80 columns.
#pragma once

#include "jetpinn/train/observer.hpp"

#include <string>

namespace jetpinn {

// Errors, losses, stages, where the time went, what looks wrong, the folder, what to type next. Ends with a line end.
std::string last_screen(const RunFacts& facts, const RunSummary& summary);
// The result alone: "completed (steps) after 800 steps in 0:05: loss 1.2e-07, ...", without a line end.
std::string result_line(const RunSummary& summary);

}  // namespace jetpinn
