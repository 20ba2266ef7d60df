// Colour maps whose lightness grows evenly with the value, as the eye sees it.
//
// sequential: viridis (N. Smith, S. van der Walt 2015, in the public domain), nine of its colours,
// between them straight lines in OKLab.
// diverging: blue, white, red, drawn as two straight lines in OKLab, equally dark at equal distance from the middle.
// OKLab: B. Ottosson 2020, "A perceptual color space for image processing".
#pragma once

#include "jetpinn/chart/canvas.hpp"

#include <array>
#include <cstdint>

namespace jetpinn {

enum class ColourMap : char { sequential, diverging };

// share: 0 .. 1, beyond it the ends' colours.
Colour map_colour(ColourMap map, double share);

// Lightness in OKLab, 0 (black) .. 1 (white).
double lightness(const Colour& colour);

// As bytes of red, green, blue; `levels` colours from one end to the other.
inline constexpr int map_levels = 255;
std::array<std::array<std::uint8_t, 3>, map_levels> map_palette(ColourMap map);

}  // namespace jetpinn
