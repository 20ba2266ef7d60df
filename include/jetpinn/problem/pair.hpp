// What `pair` of a condition says: which coordinates the points that are linked with those of `on` have in place of theirs.
#pragma once

#include "jetpinn/expr/graph.hpp"
#include "jetpinn/geometry/point_region.hpp"

#include <string>
#include <vector>

namespace jetpinn {

// pair: the set that the text describes. Throws Error (usage), without place, where it is more than one set of equalities,
// fixes what `on` leaves free, or is the place of `on` itself.
std::vector<FixedCoordinate> linked_place(const PointRegion& pair, const PointRegion& on, const ExpressionGraph& graph,
                                          const std::vector<std::string>& coordinates);

}  // namespace jetpinn
