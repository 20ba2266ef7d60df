// What a rank of a training takes of memory, as its profile tells it.
#pragma once

#include "jetpinn/engine/engine.hpp"
#include "jetpinn/profile/record.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/trainer.hpp"

#include <cstdint>

namespace jetpinn {

// engine, fields: at work in this stage, and what evaluates the fields beside it.
MemoryRecord run_memory(const Assembly& assembly, const TrainSetup& setup, int rank, std::int64_t stage,
                        const Engine& engine, const Engine& fields);

}  // namespace jetpinn
