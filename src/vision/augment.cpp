#include "jetpinn/vision/augment.hpp"

#include "jetpinn/sampling/random.hpp"

#include <cmath>
#include <cstdlib>

namespace jetpinn {

ImageChange change_of(const AugmentOptions& options, const ImageShape& shape, std::uint64_t seed, std::int64_t epoch,
                      std::int64_t index) {
  ImageChange change;
  if (!options.any()) return change;
  const auto words =
      random_words({seed, 0, 0}, Draw::augmentation, static_cast<std::uint64_t>(index), static_cast<std::uint64_t>(epoch));
  const auto below = [](std::uint64_t word, std::int64_t n) {
    return static_cast<std::int64_t>(unit_interval(word) * static_cast<double>(n));
  };
  change.mirrored = options.flip && (words[0] >> 63) != 0;
  change.down = below(words[1], 2 * options.shift + 1) - options.shift;
  change.right = below(words[2], 2 * options.shift + 1) - options.shift;
  if (options.cutout == 0) return change;
  const std::int64_t place = below(words[3], shape.height * shape.width);
  change.cut_row = place / shape.width;
  change.cut_column = place % shape.width;
  return change;
}

ChannelScales scales_of(const ImageSet& set) {
  ChannelScales scales;
  const std::int64_t pixels = set.shape.height * set.shape.width;
  for (std::int64_t c = 0; c < set.shape.channels; ++c) {
    std::uint64_t sum = 0, squares = 0;
    for (std::int64_t i = 0; i < set.count(); ++i)
      for (const std::uint8_t* at = set.image(i) + c * pixels; at != set.image(i) + (c + 1) * pixels; ++at) {
        sum += *at;
        squares += std::uint64_t{*at} * *at;
      }
    const double count = static_cast<double>(set.count() * pixels), mean = static_cast<double>(sum) / count;
    const double variance = static_cast<double>(squares) / count - mean * mean;
    scales.mean.push_back(mean);
    scales.deviation.push_back(variance > 1e-6 ? std::sqrt(variance) : 1);
  }
  return scales;
}

void normalise(const ImageSet& set, std::int64_t index, const ImageChange& change, std::int64_t cutout,
               const ChannelScales& scales, float* out) {
  const auto [channels, height, width] = set.shape;
  const std::uint8_t* image = set.image(index);
  for (std::int64_t c = 0; c < channels; ++c) {
    const double mean = scales.mean[static_cast<std::size_t>(c)], deviation = scales.deviation[static_cast<std::size_t>(c)];
    for (std::int64_t row = 0; row < height; ++row)
      for (std::int64_t column = 0; column < width; ++column, ++out) {
        const std::int64_t from_row = row - change.down, moved = column - change.right;
        const std::int64_t from_column = change.mirrored ? width - 1 - moved : moved;
        const bool inside = from_row >= 0 && from_row < height && from_column >= 0 && from_column < width;
        const double pixel = inside ? image[(c * height + from_row) * width + from_column] : 0;
        const bool cut = change.cut_row >= 0 && 2 * std::abs(row - change.cut_row) < cutout &&
                         2 * std::abs(column - change.cut_column) < cutout;
        *out = cut ? 0.0F : static_cast<float>((pixel - mean) / deviation);
      }
  }
}

}  // namespace jetpinn
