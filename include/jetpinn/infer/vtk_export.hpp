// A predicted point table as files that VTK and ParaView read: images of grids, films of them, clouds of points.
#pragma once

#include "jetpinn/infer/vtk_layout.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace jetpinn {

// image: .vti.
// film:  .pvd, a collection that names an image for each time; the images lie in a folder beside it.
// cloud: .vtp, with the coordinates as arrays too.
const char* ending_of(VtkKind kind);

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
