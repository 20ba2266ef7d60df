#include "jetpinn/report/slices.hpp"

#include "jetpinn/report/run_data.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

constexpr std::int64_t fine = 201, coarse = 101;   // nodes along an axis of the only picture, of one of several

Slice middle_of(const Problem& problem, std::vector<int> axes, std::int64_t count) {
  Slice slice;
  slice.axes = std::move(axes);
  slice.low = problem.lower;
  slice.high = problem.upper;
  for (std::size_t d = 0; d < problem.lower.size(); ++d) slice.fixed.push_back(0.5 * (problem.lower[d] + problem.upper[d]));
  slice.count = count;
  return slice;
}

std::vector<int> others_than_time(const Problem& problem) {
  std::vector<int> space;
  for (int d = 0; d < problem.symbols.differentiable(); ++d)
    if (d != problem.symbols.time) space.push_back(d);
  return space;
}

double time_at(const Problem& problem, double share) {
  const auto t = static_cast<std::size_t>(problem.symbols.time);
  return problem.lower[t] + share * (problem.upper[t] - problem.lower[t]);
}

}  // namespace

double Slice::at(int axis, std::int64_t i) const {
  const auto d = static_cast<std::size_t>(axes[static_cast<std::size_t>(axis)]);
  const double share = static_cast<double>(i) / static_cast<double>(count - 1);
  return (1 - share) * low[d] + share * high[d];
}

std::vector<double> Slice::coordinates() const {
  const auto n = static_cast<std::size_t>(rows());
  std::vector<double> all(fixed.size() * n);
  for (std::size_t d = 0; d < fixed.size(); ++d) std::fill_n(all.begin() + static_cast<std::ptrdiff_t>(d * n), n, fixed[d]);
  for (std::size_t a = 0; a < axes.size(); ++a)
    for (std::size_t i = 0; i < n; ++i) {
      const auto node = static_cast<std::int64_t>(i) / (a == 0 ? 1 : count) % count;
      all[static_cast<std::size_t>(axes[a]) * n + i] = at(static_cast<int>(a), node);
    }
  return all;
}

std::vector<Slice> domain_slices(const Problem& problem) {
  const std::vector<int> space = others_than_time(problem);
  const int coordinates = problem.symbols.differentiable();  // parameters stay in the middle of their range
  if (coordinates == 1) return {middle_of(problem, {0}, fine)};
  if (coordinates == 2)
    return {middle_of(problem, space.size() == 1 ? std::vector{problem.symbols.time, space[0]} : space, fine)};
  std::vector<Slice> slices;
  if (space.size() == 2) {
    for (int k = 0; k < 4; ++k) {
      slices.push_back(middle_of(problem, space, coarse));
      slices.back().fixed[static_cast<std::size_t>(problem.symbols.time)] = time_at(problem, k / 3.0);
    }
    return slices;
  }
  for (const auto& [a, b] : {std::pair{0, 1}, {0, 2}, {1, 2}}) {
    slices.push_back(middle_of(problem, {space[static_cast<std::size_t>(a)], space[static_cast<std::size_t>(b)]}, coarse));
    if (problem.symbols.time >= 0) slices.back().fixed[static_cast<std::size_t>(problem.symbols.time)] = time_at(problem, 1);
  }
  return slices;
}

std::vector<Slice> time_lines(const Problem& problem) {
  if (problem.symbols.differentiable() != 2 || problem.symbols.time < 0) return {};
  std::vector<Slice> lines;
  for (int k = 0; k < 5; ++k) {
    lines.push_back(middle_of(problem, others_than_time(problem), fine));
    lines.back().fixed[static_cast<std::size_t>(problem.symbols.time)] = time_at(problem, k / 4.0);
  }
  return lines;
}

Slice piece_slice(const Piece& piece) {
  Slice slice;
  slice.low = slice.fixed = piece.lower;
  slice.high = piece.upper;
  for (std::size_t d = 0; d < piece.lower.size(); ++d) {
    if (!(piece.lower[d] < piece.upper[d])) continue;
    if (slice.axes.size() < 2) slice.axes.push_back(static_cast<int>(d));
    else slice.fixed[d] = 0.5 * (piece.lower[d] + piece.upper[d]);
  }
  slice.count = slice.axes.size() == 1 ? fine : slice.axes.size() == 2 ? coarse : 0;
  return slice;
}

std::string where_text(const Problem& problem, const Slice& slice) {
  std::string text;
  int named = 0;
  for (int d = 0; d < problem.dimensions(); ++d) {
    if (std::find(slice.axes.begin(), slice.axes.end(), d) != slice.axes.end()) continue;
    if (++named > 4) return text + ", ...";
    text += (text.empty() ? "" : ", ") + problem.symbols.coordinates[static_cast<std::size_t>(d)] + " = " +
            figure_text(slice.fixed[static_cast<std::size_t>(d)]);
  }
  return text;
}

}  // namespace jetpinn
