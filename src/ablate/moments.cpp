// The distribution of a layer's entries: mean, logarithm of the deviation, skewness, excess of the kurtosis, and a histogram
// of twelve bins from -3 to 3 deviations.
#include "jetpinn/ablate/layer_parts.hpp"
#include "jetpinn/ablate/representation.hpp"

#include <array>
#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

constexpr std::int64_t bins = numbers_per_layer - 4;

std::int64_t moments_length(const WeightShape&, std::int64_t layers) { return layers * numbers_per_layer; }

// Each entry is made twice, a row at a time: for the mean and the deviation, then for what is measured in deviations.
double moments_flop(const WeightShape& shape, std::int64_t layers) {
  const double each = 4.0 * static_cast<double>(shape.rank) + 12;
  return each * static_cast<double>(layers * shape.rows * shape.columns);
}

template <class T>
void of_layer(const SampleLayers<T>& sample, std::int64_t layer, std::vector<T>& row, T* out) {
  const WeightShape& shape = sample.shape;
  const auto count = static_cast<double>(shape.rows * shape.columns);
  double sum = 0, squares = 0;
  for (std::int64_t i = 0; i < shape.rows; ++i) {
    row_of(sample, layer, i, row.data());
    T of_row = 0;
    for (const T w : row) of_row += w;
    sum += of_row;
    squares += dot(row.data(), row.data(), shape.columns);
  }
  const double mean = sum / count;
  const double deviation = std::sqrt(std::max(squares / count - mean * mean, 0.0));
  const double scale = deviation > 0 ? 1 / deviation : 0;
  double third = 0, fourth = 0;
  std::array<std::int64_t, bins> histogram{};
  for (std::int64_t i = 0; i < shape.rows; ++i) {
    row_of(sample, layer, i, row.data());
    for (const T w : row) {
      const double z = (static_cast<double>(w) - mean) * scale;
      third += z * z * z;
      fourth += z * z * z * z;
      // In this order a z that is NaN falls into bin 0.
      ++histogram[static_cast<std::size_t>(std::min(std::max(0.0, (z + 3) * (bins / 6.0)), bins - 1.0))];
    }
  }
  out[0] = static_cast<T>(mean);
  out[1] = static_cast<T>(std::log(std::max(deviation, static_cast<double>(std::numeric_limits<T>::min()))));
  out[2] = static_cast<T>(third / count);
  out[3] = static_cast<T>(fourth / count - 3);
  for (std::int64_t b = 0; b < bins; ++b)
    out[4 + b] = static_cast<T>(static_cast<double>(histogram[static_cast<std::size_t>(b)]) / count);
}

template <class T>
void moments(const SampleLayers<T>& sample, const LayerSpectra<T>&, T* out) {
  std::vector<T> row(static_cast<std::size_t>(sample.shape.columns));
  for (std::int64_t k = 0; k < sample.count(); ++k) of_layer(sample, k, row, out + k * numbers_per_layer);
}

}  // namespace

Representation moments_representation() {
  return {"moments",
          "moments and histogram",
          "the size of the layers, by the deviation; of the spectrum nothing up to the fourth moment, which is that of the "
          "singular values",
          false,
          false,
          moments_length,
          moments_flop,
          moments<float>,
          moments<double>};
}

}  // namespace jetpinn
