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

double fastest_sparse(const MeasuredFormats& measured) {
  double best = std::numeric_limits<double>::infinity();
  for (const auto& [format, found] : measured)
    if (format != "dense") best = std::min(best, found.seconds);
  return best;
}

// Of formats that are nearly as fast the smallest one.
std::string chosen(const MeasuredFormats& measured) {
  const double dense_s = measured.at("dense").seconds, fastest = fastest_sparse(measured);
  std::string best = "dense";
  for (const auto& [format, found] : measured) {
    if (format == "dense" || found.seconds >= dense_s || found.seconds > fastest * smaller_is_worth) continue;
    const auto rank = [&](const MeasuredFormat& of) { return std::pair(of.bytes.total, of.seconds); };
    if (best == "dense" || rank(found) < rank(measured.at(best))) best = format;
  }
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

double break_even(const SparsePattern& shape, double dense_s, const MeasureFormats& measure) {
  const auto at = [&](double density) { return fastest_sparse(measure(random_layer(shape, density), sparse_formats())); };
  const double low = at(low_density), high = at(high_density);
  if (high <= low) return low < dense_s ? 1 : 0;
  return std::clamp(low_density + (dense_s - low) * (high_density - low_density) / (high - low), 0.0, 1.0);
}

FormatChoice choose(const StackLayer& layer, const MeasureFormats& measure) {
  const bool full = static_cast<std::int64_t>(layer.kept.size()) == layer.pattern.weights();
  const MeasuredFormats measured = measure(layer, full ? std::vector<std::string>{"dense"} : tile_formats());
  FormatChoice choice;
  for (const auto& [format, found] : measured) choice.seconds[format] = found.seconds;
  choice.format = chosen(measured);
  choice.bytes = measured.at(choice.format).bytes;
  choice.dense_bytes = measured.at("dense").bytes.total;
  choice.break_even = break_even(layer.pattern, measured.at("dense").seconds, measure);
  return choice;
}

}  // namespace

template <class T>
MeasuredFormats measure_formats(const StackLayer& layer, const std::vector<std::string>& formats) {
  std::map<std::string, TileTiming<T>> timings;
  for (const std::string& format : formats)
    if (auto product = make_tile_product<T>(format, layer)) timings.try_emplace(format, std::move(product), layer.pattern);
  for (int round = 0; round < rounds; ++round)
    for (auto& [format, timing] : timings) timing.take();
  MeasuredFormats measured;
  for (const auto& [format, timing] : timings) measured[format] = {timing.seconds_per_point(), timing.bytes()};
  return measured;
}

std::vector<FormatChoice> choose_formats(const WeightStack& stack, const MeasureFormats& measure) {
  std::vector<FormatChoice> choices;
  for (const StackLayer& layer : stack.layers) choices.push_back(choose(layer, measure));
  return choices;
}

std::vector<std::string> formats_of(const std::vector<FormatChoice>& choices) {
  std::vector<std::string> formats;
  for (const FormatChoice& choice : choices) formats.push_back(choice.format);
  return formats;
}

template MeasuredFormats measure_formats<float>(const StackLayer&, const std::vector<std::string>&);
template MeasuredFormats measure_formats<double>(const StackLayer&, const std::vector<std::string>&);

}  // namespace jetpinn
