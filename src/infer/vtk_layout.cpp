#include "jetpinn/infer/vtk_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

constexpr std::int64_t most_frames = 10000;  // files in one folder

int axis_of(const PointGrid& grid, int coordinate) {
  for (std::size_t a = 0; a < grid.axes.size(); ++a)
    if (grid.axes[a].coordinate == coordinate) return static_cast<int>(a);
  return -1;
}

int first_parameter(const VtkSource& source) { return static_cast<int>(source.coordinates.size()) - source.parameters; }

std::vector<int> space_of(const VtkSource& source) {
  std::vector<int> space;
  for (int d = 0; d < first_parameter(source); ++d)
    if (d != source.time) space.push_back(d);
  return space;
}

bool many_times(const VtkSource& source) {
  return source.time >= 0 && source.axis(axis_of(*source.grid, source.time)).count > 1;
}

bool repeats(const GridAxis& axis) { return axis.count > 1 && axis.first == axis.last; }

std::string film_obstacle(const VtkSource& source) {
  if (source.time < 0) return "the problem has no time coordinate";
  if (!many_times(source)) return "they are of one time";
  if (space_of(source).empty()) return "there is no space coordinate";
  const GridAxis& times = source.axis(axis_of(*source.grid, source.time));
  if (repeats(times)) return "all their times are equal";
  if (times.count > most_frames) return fmt::format("they have {} times, a film has at most {}", times.count, most_frames);
  return {};
}

}  // namespace

VtkLayout vtk_layout(const VtkSource& source, VtkKind kind) {
  const PointGrid& grid = *source.grid;
  VtkLayout layout;
  for (int d : space_of(source)) layout.along.push_back(axis_of(grid, d));
  if (many_times(source)) {
    const int time = axis_of(grid, source.time);
    if (kind == VtkKind::film)
      layout.frames = time;
    else
      layout.along.push_back(time);
  }
  const auto one_value = [&](int a) { return grid.axes[static_cast<std::size_t>(a)].count == 1; };
  for (int d = first_parameter(source); d < static_cast<int>(source.coordinates.size()); ++d)
    if (!one_value(axis_of(grid, d))) layout.along.push_back(axis_of(grid, d));
  if (layout.along.size() > 3)
    layout.along.erase(std::remove_if(layout.along.begin(), layout.along.end(), one_value), layout.along.end());
  for (int a = 0; a < static_cast<int>(grid.axes.size()); ++a)
    if (a != layout.frames && std::find(layout.along.begin(), layout.along.end(), a) == layout.along.end())
      layout.fixed.push_back(a);
  return layout;
}

VtkBox vtk_box(const VtkSource& source, const VtkLayout& layout) {
  VtkBox box;
  for (std::size_t k = 0; k < layout.along.size(); ++k) {
    const GridAxis& axis = source.axis(layout.along[k]);
    box.count[k] = axis.count;
    box.origin[k] = std::min(axis.first, axis.last);
    if (axis.count > 1) box.spacing[k] = std::abs(axis.last - axis.first) / static_cast<double>(axis.count - 1);
  }
  return box;
}

std::vector<std::pair<int, double>> fixed_coordinates(const VtkSource& source, const VtkLayout& layout, std::int64_t frame) {
  std::vector<std::pair<int, double>> fixed;
  for (int a : layout.fixed) fixed.emplace_back(source.axis(a).coordinate, source.axis(a).at(0));
  if (layout.frames >= 0) fixed.emplace_back(source.time, source.axis(layout.frames).at(frame));
  return fixed;
}

std::vector<int> cloud_axes(const VtkSource& source) {
  std::vector<int> axes = space_of(source);
  if (source.time >= 0 && axes.size() < 3) axes.push_back(source.time);
  return axes;
}

std::string vtk_obstacle(const VtkSource& source, VtkKind kind) {
  if (kind == VtkKind::cloud) {
    const std::size_t space = space_of(source).size();
    return space > 3 ? fmt::format("they have {} space coordinates, VTK has three", space) : "";
  }
  if (!source.grid) return "they are not a grid";
  if (kind == VtkKind::film)
    if (const std::string obstacle = film_obstacle(source); !obstacle.empty()) return obstacle;
  const VtkLayout layout = vtk_layout(source, kind);
  if (layout.along.size() > 3)
    return fmt::format("{} of their coordinates have more than one value, {} VTK has three axes", layout.along.size(),
                       kind == VtkKind::film ? "the time apart;" : "but");
  for (int a : layout.along) {
    const GridAxis& axis = source.axis(a);
    if (repeats(axis))
      return "all values of '" + source.coordinates[static_cast<std::size_t>(axis.coordinate)] + "' are equal";
  }
  return {};
}

std::vector<VtkKind> vtk_kinds(const VtkSource& source) {
  std::vector<VtkKind> kinds;
  const auto take = [&](VtkKind kind) {
    if (vtk_obstacle(source, kind).empty()) kinds.push_back(kind);
  };
  if (!source.grid) {
    take(VtkKind::cloud);
    return kinds;
  }
  take(VtkKind::film);
  // A film of lines says less than the plane of space and time.
  const auto space = space_of(source);
  if (kinds.empty() || space.size() == 1) take(VtkKind::image);
  return kinds;
}

}  // namespace jetpinn
