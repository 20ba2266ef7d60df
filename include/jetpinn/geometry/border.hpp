// Points that rounding alone took out of a box: they belong to its border.
#pragma once

#include <cstddef>
#include <vector>

namespace jetpinn {

// What rounding may have done to a coordinate: a few units in the last place of the stored type (single: float32), of its
// values and of the domain's length.
double rounding_room(double lower, double upper, bool single);

// Moves a point that lies no farther outside than `room` onto the border of the box. room, lower, upper: [dimensions].
// False: it lies outside.
bool bring_inside(const std::vector<double>& lower, const std::vector<double>& upper, const std::vector<double>& room,
                  double* place);

}  // namespace jetpinn
