// engine.json: what the bits of a run rest on besides its config.
#pragma once

#include "jetpinn/train/observer.hpp"

#include <string>

namespace jetpinn {

// Measured choices, for whoever wants to repeat the run.
std::string engine_facts(const RunFacts& facts);

}  // namespace jetpinn
