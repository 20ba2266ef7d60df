// What expressions read of the places of their points: sdf, n_x, n_y, ...
#pragma once

#include "jetpinn/expr/graph.hpp"

#include <cstddef>
#include <vector>

namespace jetpinn {

struct PlaceReads {
  bool distance = false, normal = false;

  bool any() const { return distance || normal; }
  // Columns of one site, in a space of so many coordinates: the distance, then the normal.
  int columns(std::size_t space) const { return normal ? 1 + static_cast<int>(space) : distance ? 1 : 0; }
  void add(const PlaceReads& other) {
    distance = distance || other.distance;
    normal = normal || other.normal;
  }
};

PlaceReads place_reads(const ExpressionGraph& graph, const std::vector<NodeId>& roots);

}  // namespace jetpinn
