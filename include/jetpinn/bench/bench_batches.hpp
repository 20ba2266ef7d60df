// Predictions of several networks on the same points, batch by batch, one after the other: ratios within one run.
#pragma once

#include "jetpinn/base/types.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/problem/problem.hpp"
#include "jetpinn/study/sample_spread.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// A network with what computes its products.
struct BatchCandidate {
  const Network& network;
  const EngineTerm& fields;  // its residuals are the fields
  const std::vector<double>& parameters;
  std::string backend = "auto";  // EngineOptions::product_backend
};

struct BenchBatchesOptions {
  std::vector<std::int64_t> points{1, 32, 1242, 100000};  // of a batch
  double seconds = 0.3;                                   // of each batch at least, over all candidates ...
  double most_seconds = 5;                                // ... but no more than three times beyond this
  int repeats = 5;                                        // ... and at least so often, behind one that does not count
};

// s of one prediction of all fields at so many points of a grid over the domain. [points][candidates]. On this rank alone.
// Candidates take turns, so that what disturbs the machine disturbs them alike; short predictions are repeated within one
// sample until it lasts 50 us.
std::vector<std::vector<SampleSpread>> bench_batches(const Problem& problem, const std::vector<BatchCandidate>& candidates,
                                                     Precision precision, const BenchBatchesOptions& options = {});

}  // namespace jetpinn
