// The fixed facts of a run, from its parts.
#pragma once

#include "jetpinn/engine/engine.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/observer.hpp"
#include "jetpinn/train/trainer.hpp"

namespace jetpinn {

// All but the ranks' hosts and the time of the start, which come from the ranks. `engine` is that of the first stage.
RunFacts run_facts(const TrainSetup& setup, const Assembly& assembly, const Engine& engine);

}  // namespace jetpinn
