#include "jetpinn/compress/width_plan.hpp"

#include "jetpinn/base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

namespace jetpinn {
namespace {

std::int64_t multiple_for(const PruneOptions& options, std::int64_t first_width) {
  return options.multiple > 0 ? options.multiple : default_multiple(first_width);
}

// Numbers of the units by their scores, least first; equal ones by their number.
std::vector<std::int64_t> ranked(const std::vector<double>& scores) {
  std::vector<std::int64_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return scores[static_cast<std::size_t>(a)] < scores[static_cast<std::size_t>(b)];
  });
  return order;
}

double root_mean_square(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

// A unit that may go, of every group that is as wide as the first of them.
struct Candidate {
  double key = 0;  // the least goes first
  std::size_t group = 0;
};

std::vector<Candidate> candidates(const PruneOptions& options, const UnitGroups& groups,
                                  const std::vector<std::int64_t>& first_widths,
                                  const std::vector<std::vector<double>>& scores) {
  std::vector<Candidate> list;
  for (std::size_t first = 0; first < scores.size(); ++first) {
    if (groups.width_of_group[first] != first) continue;
    std::vector<double> squares(scores[first].size());  // [rank] of normalised scores, over the groups of this width
    for (std::size_t g = first; g < scores.size(); ++g) {
      if (groups.width_of_group[g] != first) continue;
      const std::vector<std::int64_t> order = ranked(scores[g]);
      const double size = root_mean_square(scores[g]);
      for (std::size_t rank = 0; rank < order.size() && size > 0; ++rank)
        squares[rank] += std::pow(scores[g][static_cast<std::size_t>(order[rank])] / size, 2);
    }
    for (std::size_t rank = 0; rank < squares.size(); ++rank) {
      const double left = static_cast<double>(squares.size() - rank - 1) / static_cast<double>(first_widths[first]);
      list.push_back({options.global ? squares[rank] : -left, first});
    }
  }
  std::stable_sort(list.begin(), list.end(), [](const Candidate& a, const Candidate& b) { return a.key < b.key; });
  return list;
}

// The nearest multiple between the least width and what there is; half a multiple is rounded up.
std::int64_t rounded(std::int64_t width, std::int64_t multiple, std::int64_t least, std::int64_t most) {
  return std::min(std::max((2 * width + multiple) / (2 * multiple) * multiple, least), most);
}

}  // namespace

double parameters_after(const PruneOptions& options, std::int64_t first, int round) {
  const double progress = static_cast<double>(round) / options.rounds, left = 1 - progress;
  double gone = 0;
  switch (options.schedule) {
    case PruneSchedule::geometric:
      gone = 1 - std::pow(1 - options.target, progress);
      break;
    case PruneSchedule::linear:
      gone = options.target * progress;
      break;
    case PruneSchedule::cubic:
      gone = options.target * (1 - left * left * left);
      break;
  }
  return static_cast<double>(first) * (1 - gone);
}

std::int64_t default_multiple(std::int64_t width) {
  std::int64_t multiple = 1;
  while (multiple < 8 && 128 * multiple <= width) multiple *= 2;
  return multiple;
}

std::vector<std::int64_t> least_widths(const PruneOptions& options, const std::vector<std::int64_t>& first_widths) {
  std::vector<std::int64_t> least;
  for (const std::int64_t width : first_widths) {
    // A share such as 0.9 of 10 is not quite 9.
    const auto limit = static_cast<std::int64_t>(std::ceil(static_cast<double>(width) * (1 - options.limit) - 1e-9));
    const std::int64_t multiple = multiple_for(options, width),
                       fewest = std::max({limit, options.min_width, std::int64_t{1}});
    least.push_back(std::min((fewest + multiple - 1) / multiple * multiple, width));
  }
  return least;
}

WidthPlan plan_widths(const PruneOptions& options, const Network& network, const UnitGroups& groups,
                      const std::vector<std::int64_t>& first_widths, const std::vector<std::vector<double>>& scores,
                      double goal) {
  const std::vector<std::int64_t> least = least_widths(options, first_widths);
  std::vector<std::int64_t> now, left;
  for (const UnitGroup& group : groups.groups) now.push_back(group.units);
  left = now;
  WidthPlan best{now, {}, network.parameters};
  const std::vector<Candidate> list = candidates(options, groups, first_widths, scores);
  // Where widths are rounded, layers of equal share go together: none is rounded down alone.
  const bool together = std::any_of(first_widths.begin(), first_widths.end(),
                                    [&](std::int64_t width) { return multiple_for(options, width) > 1; });
  for (std::size_t i = 0; i < list.size();) {
    const double key = list[i].key;
    do {
      left[list[i].group] = std::max(left[list[i].group] - 1, least[list[i].group]);
      ++i;
    } while (together && i < list.size() && list[i].key == key);
    std::vector<std::int64_t> widths;
    for (std::size_t g = 0; g < now.size(); ++g)
      widths.push_back(rounded(left[groups.width_of_group[g]], multiple_for(options, first_widths[g]),
                               std::min(least[g], now[g]), now[g]));
    const std::int64_t count = parameter_count(network, groups, widths);
    const auto distance = [&](std::int64_t parameters) { return std::abs(static_cast<double>(parameters) - goal); };
    if (distance(count) < distance(best.parameters)) best = {widths, {}, count};
  }
  for (std::size_t g = 0; g < scores.size(); ++g) {
    const std::vector<std::int64_t> order = ranked(scores[g]);
    std::vector<std::int64_t> kept(order.end() - best.widths[g], order.end());
    std::sort(kept.begin(), kept.end());
    best.kept.push_back(std::move(kept));
  }
  return best;
}

void require_reachable(const PruneOptions& options, const Network& network, const UnitGroups& groups) {
  std::vector<std::int64_t> widths;
  for (const UnitGroup& group : groups.groups) widths.push_back(group.units);
  const std::vector<std::int64_t> least = least_widths(options, widths);
  const std::int64_t fewest = parameter_count(network, groups, least);
  const double most = 1 - static_cast<double>(fewest) / static_cast<double>(network.parameters);
  if (options.target <= most) return;
  std::string narrowest;
  for (const std::int64_t width : least) narrowest += (narrowest.empty() ? "" : ", ") + std::to_string(width);
  throw Error(Status::usage,
              fmt::format("--target {:g} is out of reach: with --limit {:g} and --min-width {} layers keep at least [{}] "
                          "neurons, {} of {} parameters, so at most {:.3f} of them can go; name a smaller target, or a "
                          "larger --limit or smaller --min-width",
                          options.target, options.limit, options.min_width, narrowest, fewest, network.parameters,
                          std::floor(most * 1000) / 1000));
}

}  // namespace jetpinn
