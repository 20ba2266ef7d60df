// engine.json: what the bits of a run rest on besides its config.
#pragma once

#include "jetpinn/train/observer.hpp"

#include <string>

namespace jetpinn {

// "products fp32 multiply 128x128 libxsmm"; of an engine whose network has none, as of one hidden layer or of sparse ones
// alone, whose back end is "": "no products".
std::string products_text(const std::string& backend);

// Measured choices, for whoever wants to repeat the run.
std::string engine_facts(const RunFacts& facts);

}  // namespace jetpinn
