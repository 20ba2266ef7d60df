// How large the pieces of a region are: what shares points among them.
#pragma once

#include "jetpinn/geometry/piece.hpp"

#include <cstddef>
#include <vector>

namespace jetpinn {

inline constexpr int trial_points = 4096;  // that say what share of a piece meets its condition

// Sets the measure of each piece, and the size of a part of a border, by trial points where there is a condition, a border,
// or a piece before it. What is asked of the border alone is asked once for all pieces that share their BorderPart, for
// distances to a body of many surfaces take most of the time. lower, upper: [dimensions] the domain's box.
void measure_pieces(std::vector<Piece>& pieces, const ExpressionGraph& graph, const std::vector<double>& lower,
                    const std::vector<double>& upper);

// Throws Error (usage) where one trial point for each piece of a set would take so many operations or comparisons that
// measuring them all took minutes.
void limit_trial_operations(std::size_t operations);

}  // namespace jetpinn
