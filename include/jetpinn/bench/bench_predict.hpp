// How many points per second a network is evaluated at, with and without first derivatives, as
// `predict` does it but without files.
#pragma once

#include "jetpinn/bench/bench_report.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/problem/problem.hpp"

#include <cstdint>

namespace jetpinn {

struct BenchPredictOptions {
  std::int64_t points = 1000000;   // of an even grid over the domain, shared by the ranks
  std::int64_t sample = 512;       // per rank, compared with the reference engine
  BenchTiming timing;
};

// Results: "fields" and "fields and first derivatives", each in fp64 (as `predict` computes) and in fp32. Figures:
// points_per_s, gflops and product_share (the matrix products' model FLOP, forward once, over time and best measured product
// rate), difference (largest against nested autograd over the largest value, of any quantity) and tolerance. `problem` takes
// up the quantities' expressions. Collective.
BenchReport bench_predict(Communicator& communicator, Problem& problem, const Network& network, const double* parameters,
                          Reproducibility reproducibility, const BenchPredictOptions& options = {});

// The largest |value - reference| of any quantity over the largest |reference| of that quantity (1 where that is 0); both
// [quantities, count]. Infinite where something is not a number; 0 for no points.
double largest_difference(const std::vector<double>& values, const std::vector<double>& reference, std::int64_t quantities);

// What a forward sweep in this precision may differ by from the exact one, relative: 10 roundings per
// summand of every layer's sums, in bf16 10 of every layer's output.
double predict_tolerance(const Network& network, Precision precision);

}  // namespace jetpinn
