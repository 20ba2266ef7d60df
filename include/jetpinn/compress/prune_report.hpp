// What `prune` tells of itself: a table for people, pruning.json, and two pictures.
#pragma once

#include "jetpinn/compress/network_measure.hpp"
#include "jetpinn/compress/prune_options.hpp"
#include "jetpinn/train/physics.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct PrunedNetwork {
  std::vector<std::vector<std::int64_t>> hidden;  // [networks]
  std::int64_t parameters = 0;
  double flop_per_point = 0;  // forward, values alone
  NetworkMeasure measure;
};

struct PruneRound {
  int round = 0;           // counted from 1
  double goal = 0;         // parameters
  PrunedNetwork removed;   // before the fine-tuning
  NetworkMeasure tuned;    // after it
  double growth = 0;       // of the measure, against the network before the first round
  bool accepted = false;   // else rolled back
  std::int64_t steps = 0;  // that the fine-tuning took
};

// s, of one batch of points.
struct BatchTime {
  double median = 0, lower = 0, upper = 0;  // quartiles
};
struct BatchTimes {
  std::int64_t points = 0;
  BatchTime before, after;
  BatchTime before_libtorch;  // the network before, its products by LibTorch; median 0: not measured
  double speed_up() const { return before.median / after.median; }
  double speed_up_libtorch() const { return before_libtorch.median / after.median; }
};

struct PruneReport {
  std::string source, source_hash;  // run folder, and the hash of the parameters in it
  std::string config_hash;          // of its config, --set applied
  std::string device;               // that trains
  std::vector<std::string> sets;    // --set, of the run that is pruned
  PruneOptions options;
  std::string status;           // pruning | stopped | completed
  std::int64_t steps = 0;       // of each fine-tuning, as planned
  PrunedNetwork before, after;  // after: of the last accepted round; as before where none was
  std::vector<PruneRound> rounds;
  std::vector<StatementMeasure> physics_before, physics_after;  // [statements] at the same points, with the sizes before
  std::vector<BatchTimes> times;
  std::string precision;                 // in which they were measured
  std::int64_t bytes_per_parameter = 8;  // in that precision

  double parameter_ratio() const;  // before over after, 1 or more
  double reduction() const;        // share of the parameters that went
  std::string advice() const;      // one line
};

std::string prune_json(const PruneReport& report);
// The key under which pruning.json says what was asked for: equal texts are one pruning.
std::string prune_request(const PruneReport& report);
std::string prune_text(const PruneReport& report);
std::string prune_round_text(const PruneReport& report, const PruneRound& round);  // a line, without its end

// SVG. Widths of the hidden layers before and after; the measure against the parameters, round by round.
std::string architecture_svg(const PruneReport& report);
std::string error_svg(const PruneReport& report);

// "[256, 256, 128]"; of several networks "[16, 16] [8]"
std::string hidden_text(const std::vector<std::vector<std::int64_t>>& hidden);

}  // namespace jetpinn
