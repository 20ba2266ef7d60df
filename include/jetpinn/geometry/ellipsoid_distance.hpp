// How far points lie from an ellipse or an ellipsoid.
#pragma once

#include <vector>

namespace jetpinn {

// The signed distance to the border, < 0 inside: to rounding of the longest semi-axis or of the distance itself, whatever
// the ratio of the axes. place: from the centre, along the axes. [dimensions]
double ellipsoid_distance(const std::vector<double>& semi_axes, const std::vector<double>& place);

}  // namespace jetpinn
