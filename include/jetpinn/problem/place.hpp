// What the places of points say, where expressions read it.
#pragma once

#include "jetpinn/problem/problem.hpp"
#include "jetpinn/sampling/placed_points.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

// The columns of points of a region. pair: as in Term. Points to the problem.
PlaceColumns place_columns(const Problem& problem, const PlaceReads& reads, const PointRegion& region,
                           const std::vector<FixedCoordinate>& pair = {});

// Points that are drawn in the region of a term: with those that are linked with them, and what the term reads of their
// places.
std::unique_ptr<PointSource> drawn_points(const Problem& problem, const Term& term, std::unique_ptr<PointSource> points);

// The first piece of a region that has no normal in space, as messages call it; nothing: all have.
std::optional<std::string> piece_without_normal(const Problem& problem, const PointRegion& region);

// The place of the points that are linked with others.
PointRegion linked_region(const Problem& problem, const std::vector<FixedCoordinate>& pair);

}  // namespace jetpinn
