// Which units go in a round: so many that the parameters come as near to a goal as whole units allow.
#pragma once

#include "jetpinn/compress/prune_options.hpp"
#include "jetpinn/compress/unit_groups.hpp"
#include "jetpinn/network/network.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

// Parameters that are to be left after round 1 .. rounds, P0 those before the first and t the target: geometric
// P0 (1 - t)^(round / rounds), every round the same share; linear P0 (1 - t round / rounds); cubic
// P0 (1 - t (1 - (1 - round / rounds)^3)), most at first (Zhu and Gupta, 2017: "To prune, or not to prune").
double parameters_after(const PruneOptions& options, std::int64_t first, int round);

// Widths are multiples of this unless options say otherwise: of the power of two up to 8 that is at most 1/64 of the width
// before the first round, so that rounding moves a width by less than 1 %.
std::int64_t default_multiple(std::int64_t width);

// The least width of each group: --limit and --min-width, rounded up to its multiple. first_widths [groups]: before the
// first round.
std::vector<std::int64_t> least_widths(const PruneOptions& options, const std::vector<std::int64_t>& first_widths);

struct WidthPlan {
  std::vector<std::int64_t> widths;  // [groups]
  KeptUnits kept;
  std::int64_t parameters = 0;
};

// scores [groups][units]: what has the least goes first. uniform: every layer keeps the same share of its first width.
// global: one ranking of scores that are divided by their root mean square over the layer (Molchanov and others, 2017,
// normalise so), least first. Groups of one width (UnitGroups::width_of_group) each lose as many, by their own scores.
WidthPlan plan_widths(const PruneOptions& options, const Network& network, const UnitGroups& groups,
                      const std::vector<std::int64_t>& first_widths, const std::vector<std::vector<double>>& scores,
                      double goal);

// Throws Error (usage), naming the limit, where the target is beyond what least_widths leave.
void require_reachable(const PruneOptions& options, const Network& network, const UnitGroups& groups);

}  // namespace jetpinn
