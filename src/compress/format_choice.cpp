#include "jetpinn/compress/format_choice.hpp"

#include "jetpinn/base/region.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <utility>

namespace jetpinn {
namespace {

constexpr int rounds = 7;
constexpr double sample_s = 2e-4;         // long enough for the clock
constexpr double smaller_is_worth = 1.1;  // a smaller format may take so much more time than the fastest sparse one
constexpr double low_density = 0.1, high_density = 0.5;  // between which the break-even's line is drawn

// One product of a tile, timed; formats take turns, so that a busy neighbour meets all of them.
template <class T>
class TileTiming {
 public:
  explicit TileTiming(std::unique_ptr<TileProduct<T>> product, const SparsePattern& pattern)
      : product_(std::move(product)),
        x_(pool_.allocate<T>(pattern.inputs * tile_points<T>)),
        y_(pool_.allocate<T>(pattern.outputs * tile_points<T>)),
        bias_(static_cast<std::size_t>(pattern.outputs)) {
    std::mt19937 generator(1);
    std::uniform_real_distribution<double> uniform(-1, 1);
    std::generate_n(x_, pattern.inputs * tile_points<T>, [&] { return static_cast<T>(uniform(generator)); });
    while (sample() < sample_s) calls_ *= 2;
  }
  void take() { best_ = std::min(best_, sample()); }
  double seconds_per_point() const { return best_ / calls_ / tile_points<T>; }
  SparseBytes bytes() const { return product_->bytes(); }

 private:
  double sample() {
    const double begin = wall_seconds();
    for (int i = 0; i < calls_; ++i) (*product_)(tile_packs, x_, bias_.data(), y_);
    return wall_seconds() - begin;
  }

  std::unique_ptr<TileProduct<T>> product_;
  Pool pool_;
  T *x_, *y_;
  std::vector<T> bias_;
  int calls_ = 1;
  double best_ = std::numeric_limits<double>::infinity();
};

template <class T>
using Timings = std::map<std::string, TileTiming<T>>;

template <class T>
Timings<T> measure(const StackLayer& layer, const std::vector<std::string>& formats) {
  Timings<T> timings;
  for (const std::string& format : formats) timings.try_emplace(format, make_tile_product<T>(format, layer), layer.pattern);
  for (int round = 0; round < rounds; ++round)
    for (auto& [format, timing] : timings) timing.take();
  return timings;
}

template <class T>
double fastest_sparse(const Timings<T>& timings) {
  double best = std::numeric_limits<double>::infinity();
  for (const auto& [format, timing] : timings)
    if (format != "dense") best = std::min(best, timing.seconds_per_point());
  return best;
}

// A matrix of the shape with weights at random places.
StackLayer random_layer(const SparsePattern& shape, double density) {
  StackLayer layer;
  layer.pattern.inputs = shape.inputs;
  layer.pattern.outputs = shape.outputs;
  std::mt19937 generator(2);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (std::int64_t place = 0; place < shape.weights(); ++place)
    if (uniform(generator) < density) layer.pattern.kept.push_back(place);
  layer.kept.assign(layer.pattern.kept.size(), 0.5);
  return layer;
}

template <class T>
double break_even(const SparsePattern& shape, double dense_s) {
  const auto at = [&](double density) {
    return fastest_sparse<T>(measure<T>(random_layer(shape, density), sparse_formats()));
  };
  const double low = at(low_density), high = at(high_density);
  if (high <= low) return low < dense_s ? 1 : 0;
  return std::clamp(low_density + (dense_s - low) * (high_density - low_density) / (high - low), 0.0, 1.0);
}

template <class T>
FormatChoice choose(const StackLayer& layer) {
  const bool full = static_cast<std::int64_t>(layer.kept.size()) == layer.pattern.weights();
  const Timings<T> timings = measure<T>(layer, full ? std::vector<std::string>{"dense"} : tile_formats());
  FormatChoice choice;
  for (const auto& [format, timing] : timings) choice.seconds[format] = timing.seconds_per_point();
  const double dense_s = choice.seconds.at("dense"), sparse_s = fastest_sparse(timings);
  choice.format = "dense";
  for (const auto& [format, timing] : timings) {
    if (sparse_s >= dense_s || format == "dense" || timing.seconds_per_point() > sparse_s * smaller_is_worth ||
        timing.seconds_per_point() >= dense_s)
      continue;
    if (choice.format == "dense" || timing.bytes().total < timings.at(choice.format).bytes().total) choice.format = format;
  }
  choice.bytes = timings.at(choice.format).bytes();
  choice.dense_bytes = timings.at("dense").bytes().total;
  choice.break_even = break_even<T>(layer.pattern, dense_s);
  return choice;
}

}  // namespace

template <class T>
std::vector<FormatChoice> choose_formats(const WeightStack& stack) {
  std::vector<FormatChoice> choices;
  for (const StackLayer& layer : stack.layers) choices.push_back(choose<T>(layer));
  return choices;
}

std::vector<std::string> formats_of(const std::vector<FormatChoice>& choices) {
  std::vector<std::string> formats;
  for (const FormatChoice& choice : choices) formats.push_back(choice.format);
  return formats;
}

template std::vector<FormatChoice> choose_formats<float>(const WeightStack&);
template std::vector<FormatChoice> choose_formats<double>(const WeightStack&);

}  // namespace jetpinn
