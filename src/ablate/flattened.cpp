// The weights themselves: sixteen entries of each layer at places that are drawn once.
#include "jetpinn/ablate/layer_parts.hpp"
#include "jetpinn/ablate/representation.hpp"
#include "jetpinn/sampling/random.hpp"

namespace jetpinn {
namespace {

std::int64_t entries_of(const WeightShape& shape) { return std::min(numbers_per_layer, shape.rows * shape.columns); }

std::int64_t flattened_length(const WeightShape& shape, std::int64_t layers) { return layers * entries_of(shape); }

double flattened_flop(const WeightShape& shape, std::int64_t layers) {
  return 2.0 * static_cast<double>(layers * entries_of(shape) * shape.rank);
}

// Drawn by the entry's own number, so that a layer's entries do not depend on which others are looked at. A matrix of at
// most sixteen entries gives all of them.
template <class T>
void flatten(const SampleLayers<T>& sample, const LayerSpectra<T>&, T* out) {
  const WeightShape& shape = sample.shape;
  const std::int64_t count = entries_of(shape), size = shape.rows * shape.columns;
  for (std::int64_t k = 0; k < sample.count(); ++k)
    for (std::int64_t e = 0; e < count; ++e) {
      const std::int64_t begin = part_begin(size, count, e), room = part_begin(size, count, e + 1) - begin;
      const auto word = random_words({0xf1a7, 0, 0}, Draw::uniform, static_cast<std::uint64_t>(e))[0];
      const std::int64_t place = begin + static_cast<std::int64_t>(unit_interval(word) * static_cast<double>(room));
      *out++ = entry_of(sample, k, place / shape.columns, place % shape.columns);
    }
}

}  // namespace

Representation flattened_representation() {
  return {
      "flattened",
      "flattened sample",
      "nothing at first order, for the singular vectors of every sample are drawn anew, so that an entry has the mean 0 in "
      "every class; the norms only through the size of entries",
      false,
      false,
      flattened_length,
      flattened_flop,
      flatten<float>,
      flatten<double>};
}

}  // namespace jetpinn
