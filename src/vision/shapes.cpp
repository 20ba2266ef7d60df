#include "jetpinn/vision/shapes.hpp"

#include "jetpinn/sampling/random.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace jetpinn {
namespace {

constexpr std::int64_t side = 32, channels = 3;
constexpr std::int64_t one = 4096;     // of fixed-point numbers
constexpr std::int64_t subpixels = 4;  // lengths are quarters of a pixel; each pixel is looked at in four places

using Colour = std::array<std::int64_t, channels>;

// Words of one image, one after the other.
class Words {
 public:
  Words(std::uint64_t seed, std::int64_t index) : key_{seed, 0, 0}, index_(static_cast<std::uint64_t>(index)) {}
  std::uint64_t next() {
    if (used_ == words_.size()) {
      words_ = random_words(key_, Draw::image, index_, call_++);
      used_ = 0;
    }
    return words_[used_++];
  }
  // low .. high, both included
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
  }

 private:
  PointKey key_;
  std::uint64_t index_, call_ = 1;  // call 0 is the label's
  std::array<std::uint64_t, 4> words_{};
  std::size_t used_ = 4;
};

std::int64_t square(std::int64_t x) { return x * x; }
std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }
// Distance of x from the middle of its cell of length 2 `one`.
std::int64_t in_cell(std::int64_t x) { return std::abs(x - floor_divide(x, 2 * one) * 2 * one - one); }

// Whether the place (u, v), in units of the size of a shape or of half the period of a texture, is coloured.
bool covered(std::int32_t label, std::int64_t u, std::int64_t v) {
  const std::int64_t far = std::max(std::abs(u), std::abs(v)), near = std::min(std::abs(u), std::abs(v));
  const std::int64_t radius = square(u) + square(v);
  switch (label) {
    case 0:
      return radius <= square(one);
    case 1:
      return radius <= square(one) && radius >= square(9 * one / 16);
    case 2:
      return far <= 7 * one / 8;
    case 3:
      return far <= 7 * one / 8 && far >= one / 2;
    case 4:
      return v >= -5 * one / 8 && v + 2 * std::abs(u) <= 9 * one / 8;
    case 5:
      return far <= one && near <= 5 * one / 16;
    case 6:
      return (floor_divide(u, one) & 1) != 0;
    case 7:
      return ((floor_divide(u, one) + floor_divide(v, one)) & 1) != 0;
    case 8:
      return square(in_cell(u)) + square(in_cell(v)) <= square(5 * one / 8);
    // The square root of a whole number is rounded alike everywhere.
    default:
      return (static_cast<std::int64_t>(std::sqrt(static_cast<double>(radius))) / one & 1) != 0;
  }
}

Colour any_colour(Words& words) {
  Colour colour;
  for (std::int64_t& part : colour) part = words.between(20, 235);
  return colour;
}

// As far from `other` as is needed to be seen through the noise.
Colour colour_against(const Colour& other, Words& words) {
  constexpr int draws = 8;
  constexpr std::int64_t contrast = 110;
  Colour colour{};
  for (int draw = 0; draw < draws; ++draw) {
    colour = any_colour(words);
    std::int64_t difference = 0;
    for (std::size_t c = 0; c < channels; ++c) difference += std::abs(colour[c] - other[c]);
    if (difference >= contrast) return colour;
  }
  for (std::size_t c = 0; c < channels; ++c) colour[c] = 255 - other[c];
  return colour;
}

struct Rectangle {
  std::int64_t left = 0, top = 0, width = 0, height = 0;
  bool holds(std::int64_t x, std::int64_t y) const { return x >= left && x < left + width && y >= top && y < top + height; }
};

// What is seen, before noise.
struct Scene {
  std::int32_t label;
  Colour ground, figure, hider;
  Rectangle hidden;
  std::int64_t x, y, size;               // in quarters of a pixel
  std::int64_t cosine, sine;             // times `one`
  std::int64_t slope_x, slope_y, noise;  // grey levels a pixel, times 16; standard deviation in grey levels

  Scene(std::int32_t label, Words& words) : label(label) {
    constexpr std::int32_t first_texture = 6;
    ground = any_colour(words);
    figure = colour_against(ground, words);
    hider = any_colour(words);
    const bool texture = label >= first_texture;
    x = words.between(10 * subpixels, 22 * subpixels);
    y = words.between(10 * subpixels, 22 * subpixels);
    size = texture ? words.between(9, 20) : words.between(6 * subpixels, 12 * subpixels);
    // A direction from (1 - t^2, 2 t) / (1 + t^2), t in [-1, 1], and which half of the circle.
    const std::int64_t t = words.between(-one, one), denominator = square(one) + square(t);
    const std::int64_t half = words.between(0, 1) == 0 ? 1 : -1;
    cosine = half * ((square(one) - square(t)) * one / denominator);
    sine = half * (2 * t * one * one / denominator);
    slope_x = words.between(-24, 24);
    slope_y = words.between(-24, 24);
    noise = words.between(10, 34);
    if (words.between(0, 1) == 0) return;
    hidden.width = words.between(5, 16);
    hidden.height = words.between(5, 16);
    hidden.left = words.between(0, side - hidden.width);
    hidden.top = words.between(0, side - hidden.height);
  }

  // Of four places in the pixel.
  std::int64_t coverage(std::int64_t column, std::int64_t row) const {
    std::int64_t inside = 0;
    for (const std::int64_t across : {1, 3})
      for (const std::int64_t down : {1, 3}) {
        const std::int64_t dx = subpixels * column + across - x, dy = subpixels * row + down - y;
        inside += covered(label, (cosine * dx + sine * dy) / size, (cosine * dy - sine * dx) / size) ? 1 : 0;
      }
    return inside;
  }

  std::int64_t level(std::size_t channel, std::int64_t column, std::int64_t row, std::int64_t inside) const {
    if (hidden.holds(column, row)) return hider[channel];
    const std::int64_t mixed = (inside * figure[channel] + (4 - inside) * ground[channel]) / 4;
    return mixed + (slope_x * (column - side / 2) + slope_y * (row - side / 2)) / 16;
  }
};

// Four bytes' sum is nearly normal with mean 510 and a standard deviation of 148.
std::int64_t noise_of(std::uint64_t word) {
  std::int64_t sum = 0;
  for (int byte = 0; byte < 4; ++byte) sum += static_cast<std::int64_t>(word >> (8 * byte) & 0xff);
  return sum - 510;
}

}  // namespace

const std::vector<std::string>& shape_class_names() {
  static const std::vector<std::string> names = {"disk",  "ring",    "square",   "frame", "triangle",
                                                 "cross", "stripes", "checkers", "dots",  "circles"};
  return names;
}

std::int32_t shape_label(std::uint64_t seed, std::int64_t index) {
  const std::uint64_t word = random_words({seed, 0, 0}, Draw::image, static_cast<std::uint64_t>(index))[0];
  return static_cast<std::int32_t>(word % shape_class_names().size());
}

void draw_shape(std::uint64_t seed, std::int64_t index, std::uint8_t* pixels) {
  Words words(seed, index);
  const Scene scene(shape_label(seed, index), words);
  const std::uint64_t noise = words.next();
  for (std::int64_t row = 0; row < side; ++row)
    for (std::int64_t column = 0; column < side; ++column) {
      const std::int64_t inside = scene.coverage(column, row);
      for (std::int64_t c = 0; c < channels; ++c) {
        const std::int64_t at = (c * side + row) * side + column;
        const std::int64_t level = scene.level(static_cast<std::size_t>(c), column, row, inside) +
                                   noise_of(mix_bits(noise + static_cast<std::uint64_t>(at))) * scene.noise / 148;
        pixels[at] = static_cast<std::uint8_t>(std::clamp<std::int64_t>(level, 0, 255));
      }
    }
}

}  // namespace jetpinn
