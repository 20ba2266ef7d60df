// What a dense quasi-Newton optimiser does beside its evaluations, against the memory's bandwidth that bounds it.
#pragma once

#include "jetpinn/bench/bench_report.hpp"
#include "jetpinn/comm/communicator.hpp"

#include <cstdint>
#include <string>

namespace jetpinn {

struct BenchUpdate {
  std::string optimizer;
  std::int64_t parameters = 0;
  std::int64_t bytes = 0;   // which one pass reads and writes, of the rank with the most rows
  SampleSpread seconds;     // of the slowest rank
  double bytes_per_s = 0;   // by the median
  double memory_share = 0;  // of what one core reaches alone, above one where the matrix fits a cache; 0: not measured
  bool verified = false;

  BenchResult result() const;  // "update"
  std::string text() const;    // a line
};

// One update of a matrix [parameters, parameters] whose rows the ranks share, with its two products and the all-gather, on
// vectors with a known result. memory_bytes_per_s: of one core; 0: not measured. Collective.
BenchUpdate bench_update(Communicator& communicator, const std::string& optimizer, std::int64_t parameters,
                         double memory_bytes_per_s, const BenchTiming& timing);

}  // namespace jetpinn
