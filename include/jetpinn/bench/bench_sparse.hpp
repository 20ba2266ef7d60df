// Networks of one shape with weights at random places, 75 % and 90 % of them left out, against the same with whole matrices.
#pragma once

#include "jetpinn/bench/bench_report.hpp"
#include "jetpinn/bench/sparse_speed.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

struct BenchSparseOptions {
  std::vector<std::int64_t> units{15, 512, 512, 512, 256, 2};  // inputs, hidden layers, outputs
  std::vector<double> sparsities{0.75, 0.9};
  Precision precision = Precision::fp32;
  double peak_flops = 0;  // of one core in this precision; 0: not known
  SparseSpeedOptions speed;
};

// On rank 0, while the others wait. Collective.
BenchReport bench_sparse(Communicator& communicator, const BenchSparseOptions& options);

}  // namespace jetpinn
