// Singular values of a square matrix: the ten largest and two vectors of each side by sketch, from LoRA factors of rank 4,
// and the whole decomposition by LibTorch that they replace. perf/ablate --only svd prints the ratios.
//   build/release/perf/perf_svd
#include "jetpinn/ablate/low_rank_svd.hpp"
#include "jetpinn/runtime/small_network.hpp"
#include "support/weight_case.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using namespace jetpinn;

constexpr std::int64_t wanted = 10, vectors = 2, rank = 4;

std::vector<double> matrix(std::int64_t side) {
  std::vector<double> values(static_cast<std::size_t>(side));
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = 1.0 / static_cast<double>(k + 1);
  return testing::matrix_of_values(side, side, values);
}

// Where the results lie; Result holds pointers to them.
struct Found {
  std::vector<float> values, left, right;
  explicit Found(std::int64_t side)
      : values(static_cast<std::size_t>(wanted)), left(static_cast<std::size_t>(vectors * side)), right(left) {}
  LowRankSvd<float>::Result result() { return {values.data(), wanted, left.data(), right.data(), vectors}; }
};

void whole(benchmark::State& state) {
  const std::int64_t side = state.range(0);
  const std::vector<double> weight = matrix(side);
  std::vector<double> values(static_cast<std::size_t>(side)), left(weight.size()), right(weight.size());
  for (auto _ : state) full_svd(weight.data(), side, side, values.data(), left.data(), right.data());
}

void sketch(benchmark::State& state) {
  const std::int64_t side = state.range(0);
  const std::vector<double> wide = matrix(side);
  const std::vector<float> weight(wide.begin(), wide.end());
  Found found(side);
  LowRankSvd<float> svd;
  for (auto _ : state) svd.of_weight(weight.data(), side, side, found.result());
}

void factors(benchmark::State& state) {
  const std::int64_t side = state.range(0);
  const std::vector<double> wide = matrix(side);
  const std::vector<float> b(wide.begin(), wide.begin() + side * rank), a = b;
  Found found(side);
  LowRankSvd<float> svd;
  for (auto _ : state) svd.of_factors(b.data(), a.data(), side, side, rank, found.result());
}

BENCHMARK(whole)->RangeMultiplier(2)->Range(64, 512);
BENCHMARK(sketch)->RangeMultiplier(2)->Range(64, 512);
BENCHMARK(factors)->RangeMultiplier(2)->Range(64, 512);

}  // namespace

BENCHMARK_MAIN();
