// The folder that `prune` leaves: an ordinary run folder with pruning.json, pictures, and the rounds.
//
//   rounds/k/start/   the network of round k before its fine-tuning: config.toml, network.h5
//   rounds/k/         the run folder of its fine-tuning, which begins there
//   start/, config.toml, network.h5, checkpoints/, ...   copies of what the last accepted round has, so that the folder can
//   be
//                     trained on, predicted with and pruned again
#pragma once

#include "jetpinn/network/network.hpp"
#include "jetpinn/problem/problem.hpp"

#include <string>
#include <vector>

namespace jetpinn {

enum class FoundPruning : char { fresh, goes_on, complete };

std::string round_folder(const std::string& folder, int round);

// Rank 0. Makes the folder, or finds a pruning with the same request in it. Throws Error (usage) where the folder is in the
// way; force renames it away.
FoundPruning open_pruned_folder(const std::string& folder, const std::string& request, bool force);

bool has_network(const std::string& folder);

// Rank 0. A run folder of a network that no step has trained. The network comes last.
void write_untrained_run(const std::string& folder, const std::string& config, const Problem& problem,
                         const Network& network, const std::vector<double>& parameters);

// Rank 0. Copies what makes `from` a run folder to `to`; config.toml, which makes it one, comes last.
void copy_run(const std::string& from, const std::string& to);

}  // namespace jetpinn
