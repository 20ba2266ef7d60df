// A predicted table of field u at the points of a grid, or of scattered points where the text is empty.
#pragma once

#include "jetpinn/infer/vtk_layout.hpp"

#include <string>
#include <vector>

namespace jetpinn::testing {

struct VtkSample {
  PointGrid grid;
  VtkSource source;
  VtkSample(const std::vector<std::string>& coordinates, const std::string& text) {
    source.coordinates = coordinates;
    source.time = coordinates[0] == "t" ? 0 : -1;
    source.quantities = {"u"};
    if (text.empty()) return;
    grid = parse_grid(text, coordinates, {});
    source.grid = &grid;
    source.rows = grid.rows();
  }
  VtkSample(const VtkSample&) = delete;   // the source points to the grid
  VtkSample& operator=(const VtkSample&) = delete;
};

}  // namespace jetpinn::testing
