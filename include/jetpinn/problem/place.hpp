// What the places of points say, where expressions read it.
#pragma once

#include "jetpinn/problem/problem.hpp"
#include "jetpinn/sampling/placed_points.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

// What the columns of one site are called.
std::vector<std::string> place_names(const Problem& problem, const PlaceReads& reads);

// The columns of points of a region, all of whose pieces have a normal where one is read. pair: as in Term. Points to the
// problem.
PlaceColumns place_columns(const Problem& problem, const PlaceReads& reads, const PointRegion& region,
                           const std::vector<FixedCoordinate>& pair = {});

// The normals of the points of a region as `sample` writes them: those that expressions see, with a component along the time
// too, which is that of the first and the last moment. Nothing: some piece of the region has no normal.
std::optional<PlaceColumns> face_columns(const Problem& problem, const PointRegion& region);

// The signed distance to the border of the domain, where shapes make it; nothing: it is a box.
std::optional<PlaceColumns> domain_distance(const Problem& problem);

// Points that are drawn in the region of a term: with those that are linked with them, and what the term reads of their
// places.
std::unique_ptr<PointSource> drawn_points(const Problem& problem, const Term& term, std::unique_ptr<PointSource> points);

// The first piece of a region that has no normal in space, as messages call it; nothing: all have.
std::optional<std::string> piece_without_normal(const Problem& problem, const PointRegion& region);

// The place of the points that are linked with others.
PointRegion linked_region(const Problem& problem, const std::vector<FixedCoordinate>& pair);

// Where a point that is linked with one of the term's lies outside of the domain, as messages call the place; nothing: none
// of those with a thousand points of the term does. Throws Error (usage) where the term's own points are not found.
std::optional<std::string> partner_outside(const Problem& problem, const Term& term);

}  // namespace jetpinn
