// The config of a smaller network that is trained on: an ordinary config, whose run is an ordinary run.
#pragma once

#include "jetpinn/config/config.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct FineTuning {
  std::string optimizer = "adam";
  std::int64_t steps = 0;
  double learning_rate = 0;  // falls to a hundredth of it along a cosine; of optimisers that search: not used
};

// `whole` with other hidden layers (hidden [networks]) and one stage in place of its own: the problem, points and weights
// are those of its last stage, batches those of its first stage that takes some. start_from: a run folder, as it is to stand
// in the resolved text, where it may be relative to the config's place, so that the folder can be moved; empty: none. `path`
// is where the config will lie. Throws Error (usage).
Config pruned_config(const Config& whole, const std::vector<std::vector<std::int64_t>>& hidden, const FineTuning& tuning,
                     const std::string& start_from, const std::string& path);

// The rate at which the first stage of a run that has one began; 0: none has.
double first_learning_rate(const Config& config);

}  // namespace jetpinn
