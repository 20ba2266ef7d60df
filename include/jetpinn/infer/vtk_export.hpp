// A predicted point table as files that VTK and ParaView read: images of grids, films of them, clouds of points.
#pragma once

#include "jetpinn/infer/grid.hpp"

#include <cstdint>
#include <optional>
#include <string>
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
};

// image: .vti, a grid over x, y, z of VTK: the space coordinates, then the time where there is room for it.
// film:  .pvd, a collection that names an image of space for each time; the images lie in a folder beside it.
// cloud: .vtp, a vertex for each row of the table, with the coordinates as arrays too.
enum class VtkKind : char { image, film, cloud };

const char* ending_of(VtkKind kind);

// Why the points cannot be written so, as the end of a sentence; empty: they can.
std::string vtk_obstacle(const VtkSource& source, VtkKind kind);

// What shows these points best; empty: nothing can (vtk_obstacle of an image or a cloud says why).
std::vector<VtkKind> vtk_kinds(const VtkSource& source);

// Reads the table piece by piece and writes `path`, which appears when it is whole. One rank. Throws Error (storage).
void write_vtk(const VtkSource& source, VtkKind kind, const std::string& path);

// The folder in which the images of a film lie, and one of them.
std::string film_folder(const std::string& path);
std::string film_image(const std::string& folder, std::int64_t number);

// The first line of a file, and the second, which carries the mark.
inline constexpr const char* vtk_declaration = "<?xml version=\"1.0\"?>";
std::string vtk_mark_line(const std::string& mark);
std::optional<std::string> mark_of_vtk_line(const std::string& line);

}  // namespace jetpinn
