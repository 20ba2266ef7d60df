// [sampling] as a plain struct.
#pragma once

#include "jetpinn/sampling/adaptive_options.hpp"
#include "jetpinn/sampling/sampler.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

inline constexpr std::int64_t default_equation_points = 1000;
inline constexpr std::int64_t default_condition_points = 100;
inline constexpr std::int64_t default_streamed_points = 16384;  // of a step

// A column of a point table and what the points of a term call it.
struct TableColumn {
  std::string name;     // "signed_distance"
  std::string column;   // "sd"; of an attribute that nobody reads "", and zeros stand there
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
using NodeCounts = std::map<std::string, std::vector<std::int64_t>>;  // along the axes, by the names of terms
using SamplingMethods = std::map<std::string, SamplingMethod>;        // by the names of terms

// How points are chosen, of all terms that have none stored.
struct PointChoice {
  SamplingMethod method = SamplingMethod::sobol;
  SamplingMethods methods;          // of terms that have another
  PointCounts points;               // per term, over all ranks; a term not named takes its default
  NodeCounts nodes;                 // of gauss_legendre, where each axis has a number of its own: in place of `points`
  std::int64_t resample_every = 0;  // steps; 0: never

  SamplingMethod method_of(const std::string& term) const;
  bool operator==(const PointChoice& other) const = default;
};

// What a stage has in place of it.
struct StageSampling {
  PointCounts points;  // of some terms
  std::optional<SamplingMethod> method = {};
  std::optional<std::int64_t> resample_every = {};
  SamplingMethods methods = {};
  NodeCounts nodes = {};
};

struct SamplingOptions : PointChoice {
  AdaptiveOptions adaptive;
  std::vector<StageSampling> stages;            // [stages]
  PointCounts batch;                            // points of a term per step, over all ranks; a term not named: all
  std::vector<PointCounts> stage_batch;         // [stages] other numbers in a stage
  bool dealt_by_times = false;                  // the ranks' shares follow measured times (run.dealing)
  bool gated = false;                           // steps take parts of terms by their significance ([gate])
  std::map<std::string, StoredPointsOptions> stored;   // terms whose points a table holds; their number is that of its rows
};

// Some step may take a part of some term's points.
inline bool has_batches(const SamplingOptions& sampling) {
  bool any = !sampling.batch.empty();
  for (const PointCounts& stage : sampling.stage_batch) any = any || !stage.empty();
  return any;
}

// How the points of a stage are chosen.
PointChoice choice_of(const SamplingOptions& sampling, std::size_t stage);

// What a stage changes of it, "points burgers 2000, method grid, resample_every 500"; empty: nothing.
std::string changes_text(const SamplingOptions& sampling, std::size_t stage);

}  // namespace jetpinn
