// A tree of cells of the domain's box that is as fine as the residual asks for: a cell is halved, coordinate by coordinate
// in turns, while it has more than its share of the residual of all. What its points say together is less of a matter of
// chance than what one of them says.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/sampling/adaptive_choice.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

// The place of a point in the box, as a path of halvings from the root: the first one is the highest bit.
std::uint64_t cell_path(const std::vector<double>& lower, const std::vector<double>& upper, const double* point);

// Scores that the points of a cell have in common: (mean of s^power)^(1/power) over those that are finite, the others stay.
// paths, scores: of this rank's points. cells: one is halved while its sum of s^power is above 1/cells of all, and it holds
// `fewest_in_cell` points that are finite. Sums are exact: the same cells on any number of ranks. Collective.
inline constexpr std::int64_t fewest_in_cell = 16;
std::vector<double> cell_scores(Communicator& communicator, const std::vector<std::uint64_t>& paths,
                                const std::vector<double>& scores, const ScoreMoments& moments, double power,
                                std::int64_t cells);

}  // namespace jetpinn
