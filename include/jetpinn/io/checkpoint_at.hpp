// One checkpoint of a run by its step, read by one rank: what was trained before the newest one.
#pragma once

#include "jetpinn/io/checkpoint_store.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// Steps of the checkpoints that a run folder keeps, rising. Throws Error (storage).
std::vector<std::int64_t> checkpoint_steps(const std::string& run_folder);

// Looks at every byte of its state before it is believed; columns stay unread. Throws Error (storage) where it is damaged or
// not there.
LoadedCheckpoint checkpoint_at(const std::string& run_folder, std::int64_t step);

}  // namespace jetpinn
