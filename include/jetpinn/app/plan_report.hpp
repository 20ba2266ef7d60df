// What `check` prints: everything a run would do, known before its first step.
#pragma once

#include "jetpinn/config/config.hpp"
#include "jetpinn/train/assembly.hpp"

#include <string>

namespace jetpinn {

std::string plan_report(const Assembly& assembly, const Config& config, int ranks);

// Bytes that all ranks together need at least.
double planned_bytes(const Assembly& assembly, const Config& config, int ranks);

// Throws Error (usage) when that is beyond run.memory_limit.
void require_memory(const Assembly& assembly, const Config& config, int ranks);

}  // namespace jetpinn
