// The weights as a picture: each layer a tile of 4 x 4 means over its matrix, tiles beside each other as text is written.
#include "jetpinn/ablate/layer_parts.hpp"
#include "jetpinn/ablate/representation.hpp"

#include <cmath>

namespace jetpinn {
namespace {

constexpr std::int64_t tile = 4;

std::int64_t image_length(const WeightShape&, std::int64_t layers) {
  const PictureShape shape = image_shape(layers);
  return shape.height * shape.width;
}

double image_flop(const WeightShape& shape, std::int64_t layers) {
  const auto sides = static_cast<double>(shape.rows + shape.columns);
  const double each = shape.rank > 0 ? static_cast<double>(shape.rank) * (sides + 2 * tile * tile)
                                     : static_cast<double>(shape.rows * shape.columns);
  return each * static_cast<double>(layers);
}

// out [parts, width]: means over `parts` groups of neighbouring rows of x [length, width].
template <class T>
std::vector<T> row_means(const T* x, std::int64_t length, std::int64_t width) {
  std::vector<T> means(static_cast<std::size_t>(tile * width), T(0));
  for (std::int64_t g = 0; g < tile; ++g) {
    const std::int64_t begin = part_begin(length, tile, g), end = std::max(part_begin(length, tile, g + 1), begin + 1);
    for (std::int64_t i = begin; i < end; ++i)
      for (std::int64_t j = 0; j < width; ++j)
        means[static_cast<std::size_t>(g * width + j)] += x[i * width + j] / static_cast<T>(end - begin);
  }
  return means;
}

// The same over the columns of x [count, length]: out [count, parts].
template <class T>
std::vector<T> column_means(const T* x, std::int64_t count, std::int64_t length) {
  std::vector<T> means(static_cast<std::size_t>(count * tile), T(0));
  for (std::int64_t c = 0; c < count; ++c)
    for (std::int64_t g = 0; g < tile; ++g) {
      const std::int64_t begin = part_begin(length, tile, g), end = std::max(part_begin(length, tile, g + 1), begin + 1);
      T sum = 0;
      for (std::int64_t i = begin; i < end; ++i) sum += x[c * length + i];
      means[static_cast<std::size_t>(c * tile + g)] = sum / static_cast<T>(end - begin);
    }
  return means;
}

// Means are linear: those of B A are the product of those of B's rows and of A's columns.
template <class T>
std::vector<T> tile_of(const SampleLayers<T>& sample, std::int64_t layer) {
  const WeightShape& shape = sample.shape;
  if (!sample.factored())
    return column_means(row_means(sample.weight_of(layer), shape.rows, shape.columns).data(), tile, shape.columns);
  const std::vector<T> b = row_means(sample.b_of(layer), shape.rows, shape.rank),
                       a = column_means(sample.a_of(layer), shape.rank, shape.columns);
  std::vector<T> means(static_cast<std::size_t>(tile * tile), T(0));
  for (std::int64_t i = 0; i < tile; ++i)
    for (std::int64_t r = 0; r < shape.rank; ++r)
      for (std::int64_t j = 0; j < tile; ++j)
        means[static_cast<std::size_t>(i * tile + j)] +=
            b[static_cast<std::size_t>(i * shape.rank + r)] * a[static_cast<std::size_t>(r * tile + j)];
  return means;
}

template <class T>
void image(const SampleLayers<T>& sample, const LayerSpectra<T>&, T* out) {
  const PictureShape shape = image_shape(sample.count());
  const std::int64_t beside = shape.width / tile;
  std::fill_n(out, shape.height * shape.width, T(0));
  for (std::int64_t k = 0; k < sample.count(); ++k) {
    const std::vector<T> means = tile_of(sample, k);
    T* corner = out + (k / beside) * tile * shape.width + (k % beside) * tile;
    for (std::int64_t i = 0; i < tile; ++i) std::copy_n(means.data() + i * tile, tile, corner + i * shape.width);
  }
}

}  // namespace

PictureShape image_shape(std::int64_t layers) {
  const auto beside = static_cast<std::int64_t>(std::ceil(std::sqrt(2.0 * static_cast<double>(layers))));
  return {tile * ((layers + beside - 1) / beside), tile * beside};
}

Representation image_representation() {
  return {"image",
          "image",
          "the size of the layers and the smoothness of their vectors, but through sixteen means of a layer, whose signs "
          "say nothing "
          "and whose squares the network has to find",
          false,
          true,
          image_length,
          image_flop,
          image<float>,
          image<double>};
}

}  // namespace jetpinn
