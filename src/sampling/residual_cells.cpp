#include "jetpinn/sampling/residual_cells.hpp"

#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/comm/sum_exactly.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace jetpinn {
namespace {

constexpr const char* phase = "adaptive points";
constexpr int most_halvings = 63;

struct Cell {
  double mass = 0;          // of s^power, of all ranks' points
  std::int64_t points = 0;  // that are finite
  std::int64_t first_child = -1;
};

}  // namespace

std::uint64_t cell_path(const std::vector<double>& lower, const std::vector<double>& upper, const double* point) {
  const std::size_t n = lower.size();
  const int bits = std::max(most_halvings / static_cast<int>(n), 1);  // of a coordinate
  std::uint64_t path = 0;
  std::vector<std::uint64_t> numbers(n);
  for (std::size_t d = 0; d < n; ++d) {
    const double share = std::clamp((point[d] - lower[d]) / (upper[d] - lower[d]), 0.0, 1 - 0x1p-53);
    numbers[d] = static_cast<std::uint64_t>(std::ldexp(share, std::min(bits, 52)));
  }
  int place = 63;
  for (int bit = std::min(bits, 52) - 1; bit >= 0; --bit)
    for (std::size_t d = 0; d < n && place >= 0; ++d, --place) path |= (numbers[d] >> bit & 1) << place;
  return path;
}

// Level by level: all ranks know all cells, and each adds what its points give to those that were just made.
std::vector<double> cell_scores(Communicator& communicator, const std::vector<std::uint64_t>& paths,
                                const std::vector<double>& scores, const ScoreMoments& moments, double power,
                                std::int64_t cells) {
  if (moments.largest == 0 || cells < 2) return scores;
  std::vector<double> masses;  // of this rank's points; < 0: no number
  for (const double score : scores) masses.push_back(std::isfinite(score) ? std::pow(score / moments.largest, power) : -1);
  std::vector<std::size_t> cell_of(scores.size(), 0);
  std::vector<Cell> tree(1);
  std::size_t begin = 0;  // of the cells that were just made
  for (int level = 0; begin < tree.size(); ++level) {
    const std::size_t fresh = tree.size() - begin;
    ExactSum sum(static_cast<std::int64_t>(fresh));
    std::vector<std::int64_t> counts(fresh, 0);
    for (std::size_t i = 0; i < masses.size(); ++i) {
      if (cell_of[i] < begin || masses[i] < 0) continue;
      sum.add(static_cast<std::int64_t>(cell_of[i] - begin), masses[i]);
      ++counts[cell_of[i] - begin];
    }
    sum_exactly(communicator, phase, sum);
    communicator.sum(phase, counts.data(), static_cast<std::int64_t>(fresh));
    for (std::size_t c = 0; c < fresh; ++c) {
      tree[begin + c].mass = sum.value(static_cast<std::int64_t>(c));
      tree[begin + c].points = counts[c];
    }
    const std::size_t end = tree.size();
    for (std::size_t c = begin; c < end && level < most_halvings; ++c)
      if (tree[c].points >= 2 * fewest_in_cell && tree[c].mass * static_cast<double>(cells) > tree[0].mass) {
        tree[c].first_child = static_cast<std::int64_t>(tree.size());
        tree.resize(tree.size() + 2);
      }
    for (std::size_t i = 0; i < masses.size(); ++i)
      if (const std::int64_t child = tree[cell_of[i]].first_child; child >= 0)
        cell_of[i] = static_cast<std::size_t>(child) + (paths[i] >> (63 - level) & 1);
    begin = end;
  }
  std::vector<double> means = scores;
  for (std::size_t i = 0; i < masses.size(); ++i) {
    const Cell& cell = tree[cell_of[i]];
    if (masses[i] >= 0) means[i] = std::pow(cell.mass / static_cast<double>(cell.points), 1 / power) * moments.largest;
  }
  return means;
}

}  // namespace jetpinn
