// The numbers of an array of a file for VTK, however they are written.
#pragma once

#include "jetpinn/io/vtk_points.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// tuples · components of them, as they follow one another, each as a double. They may be NaN or infinite. Memory is taken
// once the bytes at hand can hold so many. Throws Error (usage) naming file, line and array where the bytes are others.
std::vector<double> vtk_values(const VtkPoints& file, const VtkArray& array, std::int64_t tuples, const std::string& path);

}  // namespace jetpinn
