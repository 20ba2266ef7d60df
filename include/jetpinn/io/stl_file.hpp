// Triangle surfaces in STL files (3D Systems, Stereolithography interface specification, 1989), ASCII or binary.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace jetpinn {

inline constexpr std::size_t most_triangles = 2'000'000;

// The corners of the triangles, [triangles, 3, 3]: each counterclockwise as seen from outside. The normals of the file are
// left out, for corners say the same. Single precision is read as the shortest decimal number that it stands for, so that
// 0.1 is 0.1 in either format. Any rank may read alone. Throws Error (usage) naming the file, and the line where it has
// lines.
std::vector<double> read_stl(const std::string& path);
std::vector<double> parse_stl(std::string_view bytes, const std::string& path);

}  // namespace jetpinn
