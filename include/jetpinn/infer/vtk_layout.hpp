// How a predicted point table lies in the space of VTK: which axes of a grid are x, y and z, which one the times of a film,
// and what cannot be shown.
#pragma once

#include "jetpinn/infer/grid.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

struct VtkSource {
  std::string table;                       // point table with the coordinates and quantities below
  std::int64_t rows = 0;
  std::vector<std::string> coordinates;    // names, all of them
  int time = -1;                           // which one is the time
  int parameters = 0;                      // how many of them, the last ones, are parameters: they span no space
  std::vector<std::string> quantities;     // names of datasets
  const PointGrid* grid = nullptr;         // null: scattered points
  std::string mark;                        // a line for the head of each file

  const GridAxis& axis(int a) const { return grid->axes[static_cast<std::size_t>(a)]; }
};

// image: a grid over x, y, z of VTK: the space coordinates, then the time where there is room for it.
// film:  an image of space for each time.
// cloud: a vertex for each row of the table.
enum class VtkKind : char { image, film, cloud };

// Which axes of a grid lie along x, y, z of VTK. Up to three coordinates keep their axes, so that a slice lies where it was
// cut; of more, those of one value are left out, and so are parameters of one value.
struct VtkLayout {
  std::vector<int> along;   // numbers of grid axes; more than three: there is no image
  int frames = -1;          // the grid axis of a film's times
  std::vector<int> fixed;   // the others: axes of one value
};
VtkLayout vtk_layout(const VtkSource& source, VtkKind kind);   // of an image or a film

// The evenly spaced points of an image along x, y, z. An axis that goes down is turned round: VTK wants spacings above zero.
struct VtkBox {
  std::array<std::int64_t, 3> count{1, 1, 1};
  std::array<double, 3> origin{}, spacing{1, 1, 1};
  std::int64_t points() const { return count[0] * count[1] * count[2]; }
};
VtkBox vtk_box(const VtkSource& source, const VtkLayout& layout);

// (coordinate, value) of those that an image does not span; of a film, in one of its frames.
std::vector<std::pair<int, double>> fixed_coordinates(const VtkSource& source, const VtkLayout& layout, std::int64_t frame);

// Of a cloud, the coordinates that are x, y, z of VTK: space, then the time where there is room.
std::vector<int> cloud_axes(const VtkSource& source);

// Why the points cannot be shown so, as the end of a sentence; empty: they can.
std::string vtk_obstacle(const VtkSource& source, VtkKind kind);

// What shows these points best; empty: nothing can (vtk_obstacle of an image or a cloud says why).
std::vector<VtkKind> vtk_kinds(const VtkSource& source);

}  // namespace jetpinn
