// The engine's kernels, each with its share of what bounds it: activation jets in bytes moved, products in FLOP.
//   build/release/perf/perf_kernels --benchmark_filter=jet
#include "jetpinn/kernels/activation_jet.hpp"
#include "jetpinn/kernels/edge_layers.hpp"
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/runtime/pool.hpp"
#include "jetpinn/runtime/product.hpp"
#include "support/hand_plans.hpp"

#include <Kokkos_Core.hpp>
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace jetpinn;

const JetProgram& program(int which) {
  static const std::vector<JetProgram> programs{hand::initial(2).plan.program, hand::burgers(0.01).plan.program,
                                                hand::poisson(3).plan.program, hand::kuramoto_sivashinsky(1, 1).plan.program,
                                                hand::poisson(10).plan.program};
  return programs[static_cast<std::size_t>(which)];
}

template <class T>
struct Tile {
  Pool pool;
  JetSweep<T> sweep;
  T* h = nullptr;
  Tile(int channels, std::int64_t points, std::int64_t width) {
    sweep.tile = {points, width};
    const std::int64_t size = channels * points * width;
    sweep.z = pool.allocate<T>(size);
    sweep.adjoint = pool.allocate<T>(size);
    h = sweep.h = pool.allocate<T>(size);
    sweep.bias = pool.allocate<T>(width);
    sweep.bias_gradient = pool.allocate<T>(width);
    std::mt19937 generator(1);
    std::uniform_real_distribution<double> uniform(-1, 1);
    for (std::int64_t i = 0; i < size; ++i) {
      sweep.z[i] = static_cast<T>(uniform(generator));
      sweep.adjoint[i] = static_cast<T>(uniform(generator));
    }
  }
};

// Time per unit and point; a benchmark that computed nonsense must not pass.
template <class T>
void finish(benchmark::State& state, const Tile<T>& tile, const T* result) {
  if (!std::isfinite(static_cast<double>(result[0]))) state.SkipWithError("the result is not finite");
  const auto units = static_cast<double>(tile.sweep.tile.points * tile.sweep.tile.width);
  state.counters["ns_per_unit"] =
      benchmark::Counter(units * 1e-9, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

// Arguments: activation, program, points, width. Memory stays in the first or second-level cache, as in the engine.
template <class T, bool Compiled>
void jet_forward(benchmark::State& state) {
  const ActivationJet<T> jet(static_cast<Activation>(state.range(0)), program(static_cast<int>(state.range(1))), Compiled);
  Tile<T> tile(jet.channels(), state.range(2), state.range(3));
  tile.sweep.coefficients = jet.coefficients().constant();
  for (auto _ : state) {
    jet.forward({}, tile.sweep);
    benchmark::ClobberMemory();
  }
  finish(state, tile, tile.h);
}

template <class T, bool Compiled>
void jet_reverse(benchmark::State& state) {
  const ActivationJet<T> jet(static_cast<Activation>(state.range(0)), program(static_cast<int>(state.range(1))), Compiled);
  Tile<T> tile(jet.channels(), state.range(2), state.range(3));
  tile.sweep.coefficients = jet.coefficients().constant();
  const std::vector<T> adjoint(tile.sweep.adjoint, tile.sweep.adjoint + jet.channels() * state.range(2) * state.range(3));
  for (auto _ : state) {
    // as the product leaves them: fresh, in the first-level cache
    std::copy(adjoint.begin(), adjoint.end(), tile.sweep.adjoint);
    jet.reverse({}, tile.sweep);
    benchmark::ClobberMemory();
  }
  finish(state, tile, tile.h);
}

template <class T>
void output_layer(benchmark::State& state) {
  Tile<T> tile(static_cast<int>(state.range(0)), state.range(1), state.range(2));
  const auto channels = static_cast<int>(state.range(0));
  const std::int64_t points = state.range(1), width = state.range(2);
  T *weights = tile.pool.template allocate<T>(width), *u = tile.pool.template allocate<T>(channels * points);
  T *gradient = tile.pool.template allocate<T>(width), *bias = tile.pool.template allocate<T>(64);
  for (auto _ : state) {
    output_forward<T>({}, tile.sweep.tile, channels, 1, weights, bias, tile.sweep.z, u, points);
    output_reverse<T>({}, tile.sweep.tile, channels, 1, weights, tile.sweep.z, u, points, tile.sweep.adjoint, gradient,
                      bias);
    benchmark::ClobberMemory();
  }
  finish(state, tile, tile.sweep.adjoint);
}

// Arguments: back end, kind, rows, width.
template <class T>
void product(benchmark::State& state) {
  const std::string backend = product_backends()[static_cast<std::size_t>(state.range(0))];
  const std::int64_t rows = state.range(2), width = state.range(3);
  const ProductShape shape{static_cast<ProductKind>(state.range(1)), width, width, width, width, width};
  Pool pool;
  const auto call = make_product<T>(backend, shape);
  const std::int64_t size = std::max(rows, width) * width;
  T *a = pool.allocate<T>(size), *b = pool.allocate<T>(size), *c = pool.allocate<T>(size);
  for (auto _ : state) {
    (*call)(rows, a, b, c);
    benchmark::ClobberMemory();
  }
  state.SetLabel(backend + " " + to_string(shape.kind));
  state.counters["FLOP/s"] = benchmark::Counter(shape.flop(rows), benchmark::Counter::kIsIterationInvariantRate);
}

void jets(benchmark::internal::Benchmark* b) {
  b->ArgNames({"activation", "program", "points", "width"});
  for (int which : {0, 1, 2, 3}) b->Args({0, which, 16, 128});
  for (int activation : {1, 2, 3, 4}) b->Args({activation, 1, 16, 128});
  b->Args({0, 4, 16, 64});
}

void products(benchmark::internal::Benchmark* b) {
  b->ArgNames({"backend", "kind", "rows", "width"});
  for (int backend : {0, 1}) {
    for (int kind : {0, 1}) {
      for (int width : {32, 64, 128, 256}) b->Args({backend, kind, 192, width});
    }
  }
}

BENCHMARK_TEMPLATE(jet_forward, float, true)->Apply(jets);
BENCHMARK_TEMPLATE(jet_forward, double, true)->Apply(jets);
BENCHMARK_TEMPLATE(jet_forward, float, false)->Apply(jets);
BENCHMARK_TEMPLATE(jet_reverse, float, true)->Apply(jets);
BENCHMARK_TEMPLATE(jet_reverse, double, true)->Apply(jets);
BENCHMARK_TEMPLATE(jet_reverse, float, false)->Apply(jets);
BENCHMARK_TEMPLATE(output_layer, float)->Args({3, 16, 128})->Args({3, 64, 32})->Args({5, 64, 32});
BENCHMARK_TEMPLATE(product, float)->Apply(products);
BENCHMARK_TEMPLATE(product, double)->Apply(products);

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  Kokkos::initialize(argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  Kokkos::finalize();
}
