// [sampling] as a plain struct.
#pragma once

#include "jetpinn/sampling/sampler.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

inline constexpr std::int64_t default_equation_points = 1000;
inline constexpr std::int64_t default_condition_points = 100;

// A column of a point table and what the points of a term call it.
struct TableColumn {
  std::string name;     // "signed_distance"
  std::string column;   // "sd"
};

// Points that a point table holds (stored_points.hpp).
struct StoredPointsOptions {
  std::string file;
  std::string weight;                     // column; empty: all weights 1
  std::vector<TableColumn> attributes;
  std::vector<TableColumn> data;
  std::shared_ptr<const std::vector<std::int64_t>> rows = {};  // those that are points, ascending; null: all
  std::vector<double> lower = {}, upper = {};  // [dimensions] coordinates beyond are moved there; empty: none is
};

using PointCounts = std::map<std::string, std::int64_t>;  // by the names of terms

struct SamplingOptions {
  SamplingMethod method = SamplingMethod::sobol;
  std::map<std::string, std::int64_t> points;   // per term, over all ranks; a term not named takes its default
  std::int64_t resample_every = 0;              // steps; 0: never. Stored points stay.
  PointCounts batch;                            // points of a term per step, over all ranks; a term not named: all
  std::vector<PointCounts> stage_batch;         // [stages] other numbers in a stage
  std::map<std::string, StoredPointsOptions> stored;   // terms whose points a table holds; their number is that of its rows
};

// Some step may take a part of some term's points.
inline bool has_batches(const SamplingOptions& sampling) {
  bool any = !sampling.batch.empty();
  for (const PointCounts& stage : sampling.stage_batch) any = any || !stage.empty();
  return any;
}

}  // namespace jetpinn
