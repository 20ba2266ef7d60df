#include "jetpinn/chart/colour_map.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

struct Lab {
  double lightness, a, b;
};

double to_linear(double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); }
double to_srgb(double c) { return c <= 0.0031308 ? 12.92 * c : 1.055 * std::pow(c, 1 / 2.4) - 0.055; }

Lab to_lab(const Colour& colour) {
  const double r = to_linear(colour.red), g = to_linear(colour.green), b = to_linear(colour.blue);
  const double l = std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const double m = std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const double s = std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s, 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
          0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

Colour to_colour(const Lab& lab) {
  const auto cube = [](double x) { return x * x * x; };
  const double l = cube(lab.lightness + 0.3963377774 * lab.a + 0.2158037573 * lab.b);
  const double m = cube(lab.lightness - 0.1055613458 * lab.a - 0.0638541728 * lab.b);
  const double s = cube(lab.lightness - 0.0894841775 * lab.a - 1.2914855480 * lab.b);
  const auto channel = [](double c) { return std::clamp(to_srgb(std::max(c, 0.0)), 0.0, 1.0); };
  return {channel(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
          channel(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
          channel(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)};
}

constexpr std::array<int, 9> viridis{0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c,
                                     0x28ae80, 0x5ec962, 0xaddc30, 0xfde725};

Lab viridis_anchor(std::size_t i) {
  const int hex = viridis[i];
  return to_lab({(hex >> 16 & 255) / 255.0, (hex >> 8 & 255) / 255.0, (hex & 255) / 255.0});
}

Lab between(const Lab& from, const Lab& to, double share) {
  return {from.lightness + share * (to.lightness - from.lightness), from.a + share * (to.a - from.a),
          from.b + share * (to.b - from.b)};
}

// Chroma 0.15 at hues 258 and 27 degrees: both ends can be shown in sRGB.
const Lab blue{0.42, -0.0312, -0.1467}, white{0.97, 0, 0}, red{0.42, 0.1337, 0.0681};

}  // namespace

Colour map_colour(ColourMap map, double share) {
  share = std::clamp(share, 0.0, 1.0);
  if (map == ColourMap::diverging)
    return to_colour(share < 0.5 ? between(white, blue, 1 - 2 * share) : between(white, red, 2 * share - 1));
  const double place = share * (viridis.size() - 1);
  const auto first = std::min<std::size_t>(static_cast<std::size_t>(place), viridis.size() - 2);
  return to_colour(between(viridis_anchor(first), viridis_anchor(first + 1), place - static_cast<double>(first)));
}

double lightness(const Colour& colour) { return to_lab(colour).lightness; }

std::array<std::array<std::uint8_t, 3>, map_levels> map_palette(ColourMap map) {
  std::array<std::array<std::uint8_t, 3>, map_levels> palette;
  const auto byte = [](double c) { return static_cast<std::uint8_t>(std::lround(255 * c)); };
  for (int i = 0; i < map_levels; ++i) {
    const Colour colour = map_colour(map, static_cast<double>(i) / (map_levels - 1));
    palette[static_cast<std::size_t>(i)] = {byte(colour.red), byte(colour.green), byte(colour.blue)};
  }
  return palette;
}

}  // namespace jetpinn
