#include "jetpinn/bench/sparse_speed.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/base/worst.hpp"
#include "jetpinn/compress/csr_network.hpp"
#include "jetpinn/compress/rounding_share.hpp"
#include "jetpinn/compress/row_network.hpp"
#include "jetpinn/compress/tile_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <memory>
#include <random>

namespace jetpinn {
namespace {

constexpr std::int64_t compared_points = 4096;
template <class T>
constexpr std::int64_t rounded_points = 2 * tile_points<T> + 3;  // of them: whole tiles, and one that is not
constexpr double sample_s = 5e-4;  // long enough for the clock
constexpr int most_rounds = 25;
constexpr std::int64_t many_points = 10000;

template <class T>
std::vector<T> random_inputs(std::int64_t count) {
  std::mt19937 generator(3);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<T> x(static_cast<std::size_t>(count));
  std::generate(x.begin(), x.end(), [&] { return static_cast<T>(uniform(generator)); });
  return x;
}

// One way to evaluate the network, with its times per round.
struct Path {
  std::function<void(std::int64_t)> evaluate;  // of so many points
  std::vector<double> seconds = {};
};

double seconds_of(const Path& path, std::int64_t batch, int calls) {
  const double begin = wall_seconds();
  for (int i = 0; i < calls; ++i) path.evaluate(batch);
  return (wall_seconds() - begin) / calls;
}

// Every path in turn, so that a busy neighbour meets all of them. A batch that takes long enough for the clock is not
// evaluated beforehand: smaller ones, which come first, have made the kernels.
void take_turns(std::vector<Path>& paths, std::int64_t batch, const SparseSpeedOptions& options) {
  std::vector<int> calls;
  for (Path& path : paths) {
    path.seconds.clear();
    int count = 1;
    while (batch < many_points && seconds_of(path, batch, count) * count < sample_s) count *= 2;
    calls.push_back(count);
  }
  const double until = wall_seconds() + options.seconds;
  for (int round = 0; round < options.rounds || (round < most_rounds && wall_seconds() < until); ++round)
    for (std::size_t p = 0; p < paths.size(); ++p) paths[p].seconds.push_back(seconds_of(paths[p], batch, calls[p]));
}

SampleSpread ratios(const std::vector<double>& over, const std::vector<double>& under) {
  std::vector<double> list;
  for (std::size_t i = 0; i < over.size(); ++i) list.push_back(over[i] / under[i]);
  return spread_of(list);
}

// A path that may not be there: 0 is the network that is measured itself.
template <class Network>
std::size_t add_path(std::vector<Path>& paths, const std::unique_ptr<Network>& network, const Path& path) {
  if (!network) return 0;
  paths.push_back(path);
  return paths.size() - 1;
}

void take_times(const std::vector<Path>& paths, std::size_t number, SampleSpread& seconds, SampleSpread& over) {
  if (number == 0) return;
  seconds = spread_of(paths[number].seconds);
  over = ratios(paths[number].seconds, paths[0].seconds);
}

template <class T>
double largest_difference(const std::vector<T>& a, const std::vector<T>& b) {
  Worst largest;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    largest.take(difference);
  }
  return largest.value();
}

// torch_sparse, generated: null where they cannot be had.
template <class T>
void compare(TileNetwork<T>& sparse, RowNetwork<T>& dense, CsrNetwork<T>* torch_sparse, TileNetwork<T>* generated,
             const WeightStack& stack, SparseSpeed& speed) {
  const std::vector<T> x = random_inputs<T>(compared_points * stack.input_count());
  std::vector<T> a(static_cast<std::size_t>(compared_points * stack.output_count())), b(a.size());
  sparse(compared_points, x.data(), a.data());
  dense(compared_points, x.data(), b.data());
  speed.points = compared_points;
  Worst largest_output;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest_output.take(std::abs(static_cast<double>(b[i])));
    speed.mean_difference += std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])) / static_cast<double>(a.size());
  }
  speed.max_difference = largest_difference(a, b);
  speed.rounding_share =
      rounding_share(sparse, stack, std::vector<T>(x.begin(), x.begin() + rounded_points<T> * stack.input_count()));
  speed.largest_output = largest_output.value();
  const auto difference_from = [&](auto& other) {
    other(compared_points, x.data(), b.data());
    return largest_difference(a, b);
  };
  if (torch_sparse) speed.torch_sparse_difference = difference_from(*torch_sparse);
  if (generated) speed.libxsmm_difference = difference_from(*generated);
}

// Null where this LibTorch, or the lack of one, or libxsmm does not let it be made; `why` says so.
template <class Network, class... Arguments>
std::unique_ptr<Network> made_by_library(std::string& why, const Arguments&... arguments) {
  try {
    return std::make_unique<Network>(arguments...);
  } catch (const Error& error) {
    why = error.what();
    return nullptr;
  }
}

// The first unit behind the last layer whose sum is no finite number at one of the compared inputs; -1: none.
template <class T>
std::int64_t first_not_finite(const WeightStack& stack) {
  constexpr std::int64_t at_once = 256;  // a wide layer's sums of all of them would take much memory
  static_assert(compared_points % at_once == 0);
  const std::vector<T> x = random_inputs<T>(compared_points * stack.input_count());
  std::vector<T> y(static_cast<std::size_t>(at_once * stack.output_count()));
  RowNetwork<T> network(stack, "libxsmm");
  for (std::int64_t first = 0; first < compared_points; first += at_once) {
    network(at_once, x.data() + first * stack.input_count(), y.data());
    const auto found = std::find_if(y.begin(), y.end(), [](T value) { return !std::isfinite(value); });
    if (found != y.end()) return (found - y.begin()) % stack.output_count();
  }
  return -1;
}

}  // namespace

void require_finite_sums(const WeightStack& stack, const std::string& source) {
  WeightStack first = stack;  // its first layers: their last sums are outputs
  first.layers.clear();
  for (const StackLayer& layer : stack.layers) {
    first.layers.push_back(layer);
    const std::int64_t unit =
        stack.precision == Precision::fp32 ? first_not_finite<float>(first) : first_not_finite<double>(first);
    if (unit < 0) continue;
    const bool last = first.layers.size() == stack.layers.size();
    throw Error(Status::usage,
                fmt::format("{}: sums of weight_{} and bias_{} overflow {} at inputs between -1 and 1{}; export smaller "
                            "weights{}",
                            source, first.layers.size() - 1, first.layers.size() - 1, to_string(stack.precision),
                            last ? ", and with them the output '" + stack.outputs[static_cast<std::size_t>(unit)] + "'" : "",
                            stack.precision == Precision::fp32 ? ", or store them in fp64" : ""));
  }
}

template <class T>
SparseSpeed measure_sparse_speed(const WeightStack& stack, const std::vector<std::string>& formats,
                                 const SparseSpeedOptions& options) {
  SparseSpeed speed;
  TileNetwork<T> sparse(stack, formats), tiles(stack, std::vector<std::string>(stack.layers.size(), "dense"));
  RowNetwork<T> rows(stack, "libxsmm");
  const auto libtorch = made_by_library<RowNetwork<T>>(speed.no_libtorch, stack, "libtorch");
  const auto torch_sparse = made_by_library<CsrNetwork<T>>(speed.no_torch_sparse, stack);
  const auto generated =
      made_by_library<TileNetwork<T>>(speed.no_libxsmm, stack, std::vector<std::string>(stack.layers.size(), "generated"));
  compare(sparse, rows, torch_sparse.get(), generated.get(), stack, speed);

  const std::int64_t most = *std::max_element(options.batches.begin(), options.batches.end());
  const std::vector<T> x = random_inputs<T>(most * stack.input_count());
  std::vector<T> y(static_cast<std::size_t>(most * stack.output_count()));
  const auto path = [&](auto* network) {
    return Path{[network, &x, &y](std::int64_t points) { (*network)(points, x.data(), y.data()); }};
  };
  std::vector<Path> paths{path(&sparse), path(&tiles), path(&rows)};
  const std::size_t libtorch_path = add_path(paths, libtorch, path(libtorch.get())),
                    torch_sparse_path = add_path(paths, torch_sparse, path(torch_sparse.get())),
                    generated_path = add_path(paths, generated, path(generated.get()));
  for (const std::int64_t batch : options.batches) {
    take_turns(paths, batch, options);
    SpeedAtBatch at;
    at.batch = batch;
    at.sparse_s = spread_of(paths[0].seconds);
    const bool by_tiles = spread_of(paths[1].seconds).median < spread_of(paths[2].seconds).median;
    const std::vector<double>& dense = paths[by_tiles ? 1 : 2].seconds;
    at.dense_path = by_tiles ? "tiles" : "rows";
    at.dense_s = spread_of(dense);
    at.over_dense = ratios(dense, paths[0].seconds);
    take_times(paths, libtorch_path, at.libtorch_s, at.over_libtorch);
    take_times(paths, torch_sparse_path, at.torch_sparse_s, at.over_torch_sparse);
    take_times(paths, generated_path, at.libxsmm_s, at.over_libxsmm);
    speed.batches.push_back(std::move(at));
  }
  return speed;
}

template SparseSpeed measure_sparse_speed<float>(const WeightStack&, const std::vector<std::string>&,
                                                 const SparseSpeedOptions&);
template SparseSpeed measure_sparse_speed<double>(const WeightStack&, const std::vector<std::string>&,
                                                  const SparseSpeedOptions&);

}  // namespace jetpinn
