// Where a field has a meaning: a problem may have its equations in regions, each with fields of its own.
#pragma once

#include "jetpinn/geometry/point_region.hpp"
#include "jetpinn/problem/problem.hpp"

#include <optional>

namespace jetpinn {

// The regions of all equations that hold the field, together. None: it has a meaning in the whole domain, for one of these
// equations holds there, or no equation holds the field.
std::optional<PointRegion> field_region(const Problem& problem, int field);

}  // namespace jetpinn
