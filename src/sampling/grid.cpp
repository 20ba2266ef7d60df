#include "jetpinn/sampling/grid.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace jetpinn {
namespace {

// a * b / c without overflow of the product.
std::int64_t scaled(std::int64_t a, std::int64_t b, std::int64_t c) {
  return static_cast<std::int64_t>(static_cast<__int128>(a) * b / c);
}

double position(double lower, double upper, std::int64_t i, std::int64_t count) {
  if (count == 1) return lower + 0.5 * (upper - lower);
  if (i == count - 1) return upper;
  return lower + (upper - lower) * (static_cast<double>(i) / static_cast<double>(count - 1));
}

// The spacing h at which prod(length / h + 1) = nodes.
double equal_spacing(const std::vector<double>& lengths, std::size_t first, double nodes) {
  double small = 1e-300, large = 1;
  for (std::size_t d = first; d < lengths.size(); ++d) large += lengths[d];
  large *= 1e6 * nodes;
  for (int iteration = 0; iteration < 200; ++iteration) {
    const double h = std::sqrt(small) * std::sqrt(large);  // bisection of the logarithm
    double logarithm = 0;
    for (std::size_t d = first; d < lengths.size(); ++d) logarithm += std::log1p(lengths[d] / h);
    (logarithm > std::log(nodes) ? small : large) = h;
  }
  return large;
}

}  // namespace

Grid::Grid(std::vector<double> lower, std::vector<double> upper, std::int64_t nodes, const std::vector<double>& units)
    : lower_(std::move(lower)), upper_(std::move(upper)), nodes_(nodes) {
  std::vector<double> lengths;
  for (std::size_t d = 0; d < lower_.size(); ++d) {
    if (lower_[d] == upper_[d]) continue;
    free_.push_back(d);
    lengths.push_back((upper_[d] - lower_[d]) / (units.empty() ? 1 : units[d]));
  }
  std::int64_t left = nodes_;  // nodes per combination of the coordinates before
  for (std::size_t k = 0; k + 1 < free_.size(); ++k) {
    const double h = equal_spacing(lengths, k, static_cast<double>(left));
    counts_.push_back(std::clamp<std::int64_t>(std::llround(lengths[k] / h + 1), 1, left));
    lines_ *= counts_.back();
    left /= counts_.back();
  }
}

void Grid::node(std::int64_t index, double* point) const {
  std::copy(lower_.begin(), lower_.end(), point);
  if (free_.empty()) return;
  // Line l holds nodes floor(l nodes / lines) .. floor((l + 1) nodes / lines) - 1.
  const std::int64_t line = (static_cast<__int128>(index + 1) * lines_ + nodes_ - 1) / nodes_ - 1;
  const std::int64_t begin = scaled(line, nodes_, lines_), end = scaled(line + 1, nodes_, lines_);
  std::int64_t rest = line;
  for (std::size_t k = counts_.size(); k-- > 0; rest /= counts_[k])
    point[free_[k]] = position(lower_[free_[k]], upper_[free_[k]], rest % counts_[k], counts_[k]);
  point[free_.back()] = position(lower_[free_.back()], upper_[free_.back()], index - begin, end - begin);
}

}  // namespace jetpinn
