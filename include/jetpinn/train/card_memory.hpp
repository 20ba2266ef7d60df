// What a run takes of the memory of a card.
#pragma once

#include "jetpinn/runtime/device_choice.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/options.hpp"

namespace jetpinn {

// Of one rank: its engines as memory_plan.hpp counts them, vectors of parameters and of optimisers, what products work in.
CardPlan plan_card_memory(const Assembly& assembly, const TrainingOptions& training, const OutputOptions& output, int rank);

// Throws Error (usage) where the card of this rank, which `sharing` ranks share, has less free than they need.
void require_card_memory(const Assembly& assembly, const TrainingOptions& training, const OutputOptions& output, int rank,
                         int sharing);

}  // namespace jetpinn
