#include "jetpinn/compress/rounding_share.hpp"

#include "jetpinn/base/worst.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace jetpinn {
namespace {

// gamma of so many roundings, each of half of the epsilon of a type.
template <class T>
double gamma_of(double roundings) {
  const double all = roundings * 0.5 * static_cast<double>(std::numeric_limits<T>::epsilon());
  return all / (1 - all);
}

// A layer's sums in the wider type, and what its rounded ones may differ from them by: [outputs, points].
template <class T>
class ExactSums {
 public:
  using Wide = std::conditional_t<std::is_same_v<T, float>, double, long double>;

  // x [inputs, points]
  ExactSums(const StackLayer& layer, std::int64_t points, const T* x) : points_(points) {
    const std::int64_t outputs = layer.pattern.outputs;
    sums_.resize(static_cast<std::size_t>(outputs * points));
    sizes_.resize(sums_.size());
    terms_.assign(static_cast<std::size_t>(outputs), 1);  // the bias
    for (std::int64_t o = 0; o < outputs; ++o) add(o, static_cast<T>(layer.bias[static_cast<std::size_t>(o)]), nullptr);
    for (std::size_t k = 0; k < layer.kept.size(); ++k) {
      const std::int64_t place = layer.pattern.kept[k], output = place % outputs;
      add(output, static_cast<T>(layer.kept[k]), x + place / outputs * points);
      ++terms_[static_cast<std::size_t>(output)];
    }
  }

  // Of a sum that the network gave.
  double share(std::int64_t output, std::int64_t point, T found) const {
    const auto at = static_cast<std::size_t>(output * points_ + point);
    const double terms = terms_[static_cast<std::size_t>(output)];
    const double allowed = (gamma_of<T>(terms) + gamma_of<Wide>(terms)) * static_cast<double>(sizes_[at]) +
                           terms * static_cast<double>(std::numeric_limits<T>::min());
    return static_cast<double>(std::abs(static_cast<Wide>(found) - sums_[at])) / allowed;
  }

 private:
  // x [points]; null: ones
  void add(std::int64_t output, T weight, const T* x) {
    for (std::int64_t p = 0; p < points_; ++p) {
      const Wide product = static_cast<Wide>(weight) * (x ? static_cast<Wide>(x[p]) : Wide(1));
      const auto at = static_cast<std::size_t>(output * points_ + p);
      sums_[at] += product;
      sizes_[at] += std::abs(product);
    }
  }

  std::int64_t points_;
  std::vector<Wide> sums_, sizes_;
  std::vector<double> terms_;  // [outputs]
};

}  // namespace

template <class T>
double rounding_share(TileNetwork<T>& network, const WeightStack& stack, const std::vector<T>& x) {
  const std::int64_t inputs = stack.input_count(), outputs = stack.output_count();
  const std::int64_t points = static_cast<std::int64_t>(x.size()) / inputs;
  std::vector<T> y(static_cast<std::size_t>(points * outputs));
  network(points, x.data(), y.data());

  const TileActivation<T> activation = tile_activation<T>(stack.activation);
  Pool pool;
  T* from = pool.allocate<T>(stack.widest() * tile_points<T>);
  T* to = pool.allocate<T>(stack.widest() * tile_points<T>);
  Worst worst;
  for_tiles<T>(points, [&](std::int64_t first, std::int64_t count, int packs) {
    const std::int64_t lanes = packs * pack_lanes<T>;
    for (std::int64_t i = 0; i < inputs; ++i)
      for (std::int64_t p = 0; p < lanes; ++p)
        from[i * lanes + p] = p < count ? x[static_cast<std::size_t>((first + p) * inputs + i)] : T(0);
    for (std::size_t l = 0; l < stack.layers.size(); ++l) {
      const StackLayer& layer = stack.layers[l];
      network.sums(l, packs, from, to);
      const ExactSums<T> exact(layer, lanes, from);
      for (std::int64_t o = 0; o < layer.pattern.outputs; ++o)
        for (std::int64_t p = 0; p < count; ++p) worst.take(exact.share(o, p, to[o * lanes + p]));
      if (l + 1 < stack.layers.size()) activation(to, layer.pattern.outputs * lanes);
      std::swap(from, to);
    }
    for (std::int64_t o = 0; o < outputs; ++o)
      for (std::int64_t p = 0; p < count; ++p)
        if (from[o * lanes + p] != y[static_cast<std::size_t>((first + p) * outputs + o)])
          worst.take(std::numeric_limits<double>::infinity());
  });
  return worst.value();
}

template double rounding_share<float>(TileNetwork<float>&, const WeightStack&, const std::vector<float>&);
template double rounding_share<double>(TileNetwork<double>&, const WeightStack&, const std::vector<double>&);

}  // namespace jetpinn
