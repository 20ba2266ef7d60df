// Which runs a scaling study consists of, and how each is started.
#pragma once

#include "jetpinn/config/config.hpp"
#include "jetpinn/scale/scale_options.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace jetpinn {

// `points` scaled to `total` in proportion, by largest remainders: the sum is exactly `total`, and every term keeps a point.
// Throws Error (usage) where there are more terms than points.
std::map<std::string, std::int64_t> points_in_proportion(const std::map<std::string, std::int64_t>& points,
                                                         std::int64_t total);

// Points of every term as the config has them.
std::map<std::string, std::int64_t> points_of_terms(const Config& config);

// Ranks and points that are measured together, `repeats` times.
struct Configuration {
  int ranks = 1;
  std::int64_t points = 0;    // of all terms, over all ranks
  bool reference = false;     // not asked for: one rank with the same points, without which there is no efficiency

  std::string name(int repeat) const;   // of the run's folder, as in p0002-n00010000-r1
};

// Ascending by points, then by ranks. Strong and weak studies get the one-rank references that --ranks does not name.
std::vector<Configuration> plan_configurations(const ScaleOptions& options, std::int64_t points_in_config);

// The arguments of jetpinn that make one run of `configuration` in `folder`, with the study's config in `config_path`. A
// measurement takes Adam steps alone, without evaluations, stops and checkpoints in between; with --until it is the
// whole training up to that error.
// Throws Error (usage) where the config has no Adam stage.
std::vector<std::string> run_arguments(const ScaleOptions& options, const Config& config, const std::string& config_path,
                                       const Configuration& configuration, const std::string& folder);

}  // namespace jetpinn
