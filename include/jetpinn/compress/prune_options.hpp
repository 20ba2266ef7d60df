// What `prune` was asked for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// How much a hidden unit matters (compress/unit_scores.hpp).
enum class UnitScore : char { magnitude, activation, taylor, residual };
const char* to_string(UnitScore score);
const std::vector<std::string>& unit_score_names();
UnitScore unit_score(const std::string& name);  // one of the names

// How the parameters fall over the rounds.
enum class PruneSchedule : char { geometric, linear, cubic };
const char* to_string(PruneSchedule schedule);
const std::vector<std::string>& prune_schedule_names();
PruneSchedule prune_schedule(const std::string& name);  // one of the names

struct PruneOptions {
  double target = 0;  // share of the parameters that goes, in (0, 1)
  int rounds = 4;
  std::int64_t epochs = 0;    // of fine-tuning in each round; 0: steps say how long
  std::int64_t steps = 1000;  // of fine-tuning in each round
  UnitScore score = UnitScore::taylor;
  PruneSchedule schedule = PruneSchedule::geometric;
  bool global = false;             // units of all layers in one ranking; else every layer loses the same share
  double limit = 0.9;              // largest share of a layer's units that may go, over all rounds
  std::int64_t min_width = 4;      // a layer keeps at least so many units
  std::int64_t multiple = 0;       // of which widths are; 0: of each layer's width (default_multiple)
  double allowed_loss = 2;         // largest ratio of the measure after a round to that before the first
  bool fold = true;                // units that go leave their mean
  std::string optimizer = "adam";  // of the fine-tuning
  double learning_rate = 0;        // 0: that of the run's first stage with a rate
};

// Throws Error (usage), naming the option.
void check_prune_options(const PruneOptions& options);

}  // namespace jetpinn
