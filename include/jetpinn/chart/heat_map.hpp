// A field over two coordinates as a picture with axes and a colour bar.
#pragma once

#include "jetpinn/chart/colour_map.hpp"
#include "jetpinn/chart/svg_canvas.hpp"

#include <string>
#include <vector>

namespace jetpinn {

struct HeatMap {
  std::string title, x_label, y_label;
  double x_low = 0, x_high = 1, y_low = 0, y_high = 1;
  int columns = 0, rows = 0;
  std::vector<double> values;      // [rows][columns], the first row at y_low; what is not finite stays transparent
  ColourMap map = ColourMap::sequential;
  double low = 0, high = 1;        // what the ends of the colour map stand for
  bool equal_axes = false;         // both in one unit: the plot keeps their proportion, within limits
};

// Level of the colour map for a value.
std::uint8_t level_of(double value, double low, double high);

std::string heat_map_svg(const HeatMap& picture, SvgUse use);

}  // namespace jetpinn
