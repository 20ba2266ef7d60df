// Labelled images as bytes in memory.
#pragma once

#include <cstdint>
#include <vector>

namespace jetpinn {

struct ImageShape {
  std::int64_t channels = 3, height = 32, width = 32;
  std::int64_t values() const { return channels * height * width; }
  bool operator==(const ImageShape& other) const = default;
};

// Replicated: every rank holds all images, for each epoch deals them anew.
struct ImageSet {
  ImageShape shape;
  std::int64_t classes = 0;
  std::vector<std::uint8_t> pixels;  // [count, channels, height, width]
  std::vector<std::int32_t> labels;  // [count], 0 .. classes - 1

  std::int64_t count() const { return static_cast<std::int64_t>(labels.size()); }
  const std::uint8_t* image(std::int64_t i) const { return pixels.data() + i * shape.values(); }
  std::uint8_t* image(std::int64_t i) { return pixels.data() + i * shape.values(); }
};

}  // namespace jetpinn
