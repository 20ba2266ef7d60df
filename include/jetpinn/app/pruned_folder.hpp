// The folder that `prune` leaves: an ordinary run folder with pruning.json, pictures, and the rounds.
//
//   rounds/k/start/   the network of round k before its fine-tuning: config.toml, network.h5
//   rounds/k/         the run folder of its fine-tuning, which begins there
//   rounds/copies/    what is on its way from the last accepted round to ...
//   start/, config.toml, network.h5, checkpoints/, ...   so that the folder can be trained on, predicted with and pruned
//                     again
//
// What somebody else has put there is never removed or replaced.
#pragma once

#include "jetpinn/network/network.hpp"
#include "jetpinn/problem/problem.hpp"

#include <string>
#include <vector>

namespace jetpinn {

enum class FoundPruning : char { fresh, goes_on, complete };

std::string round_folder(const std::string& folder, int round);

// Rank 0. Makes the folder, or finds a pruning with the same request in it. Throws Error (usage) where a folder with
// anything else is in the way, which force renames away, and where a complete pruning has lost its network.
FoundPruning open_pruned_folder(const std::string& folder, const std::string& request, bool force);

bool has_network(const std::string& folder);

// Rank 0. A run folder of a network that no step has trained. The network comes last.
void write_untrained_run(const std::string& folder, const std::string& config, const Problem& problem,
                         const Network& network, const std::vector<double>& parameters);

// Rank 0. Copies what makes `from` a run folder to `to`; config.toml, which makes it one, comes last. A call that was broken
// off, with the same folders, is gone on with. Throws Error (usage) where something else is in the place of a copy.
void copy_run(const std::string& from, const std::string& to);

// Rank 0. The copies are where they belong for good: another call of copy_run would begin again.
void forget_copies(const std::string& to);

}  // namespace jetpinn
