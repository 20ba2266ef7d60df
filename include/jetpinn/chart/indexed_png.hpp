// PNG files of a colour map's levels, written without any library: stored, not compressed, a byte a pixel.
#pragma once

#include "jetpinn/chart/colour_map.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

inline constexpr std::uint8_t transparent_level = 255;

// levels: [rows][columns], the first row at the top; transparent_level shows what lies behind the picture.
std::string indexed_png(ColourMap map, int columns, int rows, const std::vector<std::uint8_t>& levels);

}  // namespace jetpinn
