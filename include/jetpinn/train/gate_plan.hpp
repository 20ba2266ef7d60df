// What is known of a gate before a run begins: its candidates, the memory that it takes, and what `check` says of it.
#pragma once

#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/options.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// Why the points of a term cannot be gated; empty: they can.
std::string why_not_gated(const Assembly& assembly, std::size_t term);

// Terms whose points a gate chooses among; none where no stage has one. Throws Error (usage) where there are no candidates,
// too many, or so few that a step would train less than one.
std::vector<std::size_t> gated_terms(const Assembly& assembly, const TrainingOptions& training);

// Bytes that a gate takes on a rank beside the points, where some stage has one.
std::int64_t gate_bytes(const Assembly& assembly, const TrainingOptions& training, std::size_t stage, int rank);

// Of `check`: "gate       6 % of the points ...". Empty: no stage has one.
std::string gate_text(const Assembly& assembly, const TrainingOptions& training);

}  // namespace jetpinn
