// How many points per second each sampling method makes, term by term.
#pragma once

#include "jetpinn/bench/bench_report.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/problem/problem.hpp"
#include "jetpinn/sampling/sampler.hpp"

#include <cstdint>

namespace jetpinn {

struct BenchGenerateOptions {
  std::int64_t points = 1000000;   // of each term; a grid inside a condition takes about as many
  std::uint64_t seed = 0;
  BenchTiming timing{0.2, 5};
};

// A result per method and term; figures: points (as the method took them), points_per_s, and mb_per_s of coordinates.
// Verified: every point lies in its term's region, and the points of all ranks together are the set that one rank alone
// makes in other pieces, each under its global index, compared by a sum of hashes. Collective.
BenchReport bench_generate(Communicator& communicator, const Problem& problem, const BenchGenerateOptions& options = {});

// Points of `points` (coordinates [dimensions, count]) outside every piece of the region.
std::int64_t count_outside(const PointRegion& region, const ExpressionGraph& graph, const std::vector<double>& coordinates,
                           std::int64_t count);

// Sum of the hashes of (global index, coordinates) over points first .. first + count - 1: no order, no ranks.
std::int64_t hash_points(const std::vector<double>& coordinates, std::int64_t first, std::int64_t count);

}  // namespace jetpinn
