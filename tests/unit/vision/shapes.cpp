#include "jetpinn/vision/shapes.hpp"

#include "jetpinn/io/hash.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace jetpinn {
namespace {

std::vector<std::uint8_t> drawn(std::uint64_t seed, std::int64_t index) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(shape_images.values()));
  draw_shape(seed, index, pixels.data());
  return pixels;
}

// A set that changes makes figures of before worthless: 200 images and their labels have this hash on every machine.
TEST(Shapes, AreTheSameBytesEverywhere) {
  Hash hash;
  for (std::int64_t index = 0; index < 200; ++index) {
    const std::vector<std::uint8_t> pixels = drawn(3, index);
    const std::int32_t label = shape_label(3, index);
    hash.add(&label, sizeof label);
    hash.add(pixels.data(), static_cast<std::int64_t>(pixels.size()));
  }
  EXPECT_EQ(hex(hash.value()), "c2acc3ba465c9db2");
}

TEST(Shapes, DependOnSeedAndNumberAlone) {
  const std::vector<std::uint8_t> first = drawn(3, 17);
  drawn(4, 5);
  EXPECT_EQ(drawn(3, 17), first);
  EXPECT_NE(drawn(3, 18), first);
  EXPECT_NE(drawn(4, 17), first);
}

// Each of n labels is a class with probability 1/10: a count leaves 5 standard deviations once in 2 million sets.
TEST(Shapes, ClassesAreEquallyLikely) {
  constexpr std::int64_t n = 10000;
  std::vector<double> counts(shape_class_names().size());
  for (std::int64_t index = 0; index < n; ++index) ++counts[static_cast<std::size_t>(shape_label(0, index))];
  for (const double count : counts) EXPECT_NEAR(count, n / 10.0, 5 * std::sqrt(n * 0.1 * 0.9));
}

// Mean colours say nothing of the class: that of every class is that of all, up to the scatter of a mean over about 100
// images, whose own means have a standard deviation of at most 60 grey levels.
TEST(Shapes, ColoursDoNotTellTheClass) {
  constexpr std::int64_t n = 1000;
  std::vector<double> sums(shape_class_names().size()), counts(sums.size());
  for (std::int64_t index = 0; index < n; ++index) {
    const std::vector<std::uint8_t> pixels = drawn(0, index);
    double sum = 0;
    for (const std::uint8_t pixel : pixels) sum += pixel;
    const auto label = static_cast<std::size_t>(shape_label(0, index));
    sums[label] += sum / static_cast<double>(pixels.size());
    ++counts[label];
  }
  for (std::size_t label = 0; label < sums.size(); ++label)
    EXPECT_NEAR(sums[label] / counts[label], 127, 5 * 60 / std::sqrt(counts[label])) << shape_class_names()[label];
}

}  // namespace
}  // namespace jetpinn
