#include "jetpinn/scale/scaling.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/types.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

namespace jetpinn {
namespace {

constexpr int parts = 5;   // point, step, level, message, imbalance: the order in which they may explain a time
using Row = std::array<double, parts>;

Row parts_of(std::int64_t points, int ranks) {
  const double share = busiest_share(points, ranks), several = ranks > 1 ? 1.0 : 0.0;
  return {share, 1.0, std::log2(static_cast<double>(ranks)), several, several * share};
}

// A time to be explained, and the parts with the amounts in which they may; all divided by the measured time of the step.
struct Equations {
  std::vector<Row> rows;
  std::vector<double> times;
};

// Solves the normal equations of the parts in `chosen`, by elimination with pivots; false: they depend on each other.
bool solve(const Equations& equations, unsigned chosen, Row& solution) {
  std::vector<int> used;
  for (int k = 0; k < parts; ++k)
    if (chosen >> k & 1) used.push_back(k);
  const std::size_t n = used.size();
  std::vector<std::vector<double>> a(n, std::vector<double>(n + 1));
  std::vector<double> scale(n);   // parts differ by many orders of magnitude
  for (std::size_t i = 0; i < n; ++i) {
    for (const Row& row : equations.rows)
      scale[i] += row[static_cast<std::size_t>(used[i])] * row[static_cast<std::size_t>(used[i])];
    if (scale[i] == 0) return false;
    scale[i] = 1 / std::sqrt(scale[i]);
  }
  for (std::size_t r = 0; r < equations.rows.size(); ++r) {
    const Row& row = equations.rows[r];
    for (std::size_t i = 0; i < n; ++i) {
      const double x = row[static_cast<std::size_t>(used[i])] * scale[i];
      for (std::size_t j = 0; j < n; ++j) a[i][j] += x * row[static_cast<std::size_t>(used[j])] * scale[j];
      a[i][n] += x * equations.times[r];
    }
  }
  constexpr double singular = 1e-10;
  for (std::size_t c = 0; c < n; ++c) {
    std::size_t pivot = c;
    for (std::size_t r = c; r < n; ++r)
      if (std::abs(a[r][c]) > std::abs(a[pivot][c])) pivot = r;
    if (std::abs(a[pivot][c]) < singular) return false;
    std::swap(a[c], a[pivot]);
    for (std::size_t r = 0; r < n; ++r) {
      if (r == c) continue;
      const double factor = a[r][c] / a[c][c];
      for (std::size_t j = c; j <= n; ++j) a[r][j] -= factor * a[c][j];
    }
  }
  solution.fill(0);
  for (std::size_t i = 0; i < n; ++i) solution[static_cast<std::size_t>(used[i])] = a[i][n] / a[i][i] * scale[i];
  return true;
}

// Every choice of parts, fewer first, among as many those that come first in the order.
std::vector<unsigned> subsets() {
  std::vector<unsigned> all;
  for (unsigned chosen = 1; chosen < 1u << parts; ++chosen) all.push_back(chosen);
  std::stable_sort(all.begin(), all.end(), [](unsigned a, unsigned b) { return std::popcount(a) < std::popcount(b); });
  return all;
}

constexpr unsigned bit(int part) { return 1u << part; }
constexpr unsigned of_points = bit(0) | bit(1) | bit(4), of_fixed = bit(1), of_communication = bit(2) | bit(3) | bit(4),
                   of_all = of_points | of_communication;

double explained(const Row& row, const Row& solution) {
  double sum = 0;
  for (std::size_t k = 0; k < parts; ++k) sum += row[k] * solution[k];
  return sum;
}

// Few parts: every subset of `allowed` is tried, small ones first. A larger one must be clearly better, so
// that what cannot be told apart stays with fewer parts; and it must leave a measurement over, for through as
// many parts any times can be laid.
Row fit_parts(const Equations& equations, unsigned allowed) {
  Row best{};
  double best_variance = std::numeric_limits<double>::infinity();
  const auto count = static_cast<int>(equations.rows.size());
  for (const unsigned chosen : subsets()) {
    const int size = std::popcount(chosen);
    Row solution;
    if ((chosen & ~allowed) || size > std::max(1, count - 1)) continue;
    if (!solve(equations, chosen, solution) || std::any_of(solution.begin(), solution.end(), [](double x) { return x < 0; }))
      continue;
    double sum = 0;
    for (std::size_t i = 0; i < equations.rows.size(); ++i) {
      const double miss = explained(equations.rows[i], solution) - equations.times[i];
      sum += miss * miss;
    }
    const double variance = sum / std::max(1, count - size);
    if (variance > 0.9 * best_variance || best_variance < 1e-20) continue;
    best_variance = variance;
    best = solution;
  }
  return best;
}

}  // namespace

double busiest_share(std::int64_t points, int ranks) {
  const std::int64_t blocks = (points + block_points - 1) / block_points, most = (blocks + ranks - 1) / ranks;
  return static_cast<double>(points) * static_cast<double>(most) / static_cast<double>(blocks);
}

double speed_up(double one_rank_s, double many_ranks_s) { return one_rank_s / many_ranks_s; }
double efficiency(double one_rank_s, double many_ranks_s, int ranks) { return speed_up(one_rank_s, many_ranks_s) / ranks; }

std::vector<double> efficiencies(const std::vector<ScalingPoint>& points) {
  std::vector<double> result;
  for (const ScalingPoint& point : points) {
    const auto one = std::find_if(points.begin(), points.end(),
                                  [&](const ScalingPoint& p) { return p.ranks == 1 && p.points == point.points; });
    result.push_back(one == points.end() ? -1 : efficiency(one->step_s, point.step_s, point.ranks));
  }
  return result;
}

double ScalingModel::step_time(std::int64_t points, int ranks) const {
  const Row row = parts_of(points, ranks);
  return point_s * row[0] + step_s * row[1] + level_s * row[2] + message_s * row[3] + imbalance_s * row[4];
}

double ScalingModel::efficiency(std::int64_t points, int ranks) const {
  return jetpinn::efficiency(step_time(points, 1), step_time(points, ranks), ranks);
}

// With n points per rank the efficiency is (step + point p n) / (p (step + (point + imbalance) n +
// communication)): solved for n.
std::int64_t ScalingModel::points_per_rank(double wanted, int ranks) const {
  const double p = ranks, communication = level_s * std::log2(p) + (ranks > 1 ? message_s : 0),
               imbalance = ranks > 1 ? imbalance_s : 0;
  const double gain = p * (point_s - wanted * (point_s + imbalance));
  const double needed = wanted * p * (step_s + communication) - step_s;
  if (gain <= 0) return -1;
  return needed <= 0
             ? 0
             : block_points * static_cast<std::int64_t>(std::ceil(needed / gain / static_cast<double>(block_points)));
}

ScalingModel fit_scaling(const std::vector<ScalingPoint>& points) {
  const bool profiled =
      std::all_of(points.begin(), points.end(), [](const ScalingPoint& point) { return point.parts.has_value(); });
  Equations whole, evaluation, fixed, communication;   // every measurement counts by its relative error
  for (const ScalingPoint& point : points) {
    if (point.ranks < 1 || point.points < 1 || !(point.step_s > 0))
      throw Error(Status::usage, "a scaling measurement has no ranks, points or time");
    Row row = parts_of(point.points, point.ranks);
    for (double& x : row) x /= point.step_s;
    const auto explain = [&](Equations& equations, double seconds) {
      equations.rows.push_back(row);
      equations.times.push_back(seconds / point.step_s);
    };
    explain(whole, point.step_s);
    if (!profiled) continue;
    explain(evaluation, point.step_s - point.parts->fixed_s - point.parts->communication_s);
    explain(fixed, point.parts->fixed_s);
    if (point.ranks > 1) explain(communication, point.parts->communication_s);
  }
  if (points.empty()) throw Error(Status::usage, "there is no scaling measurement to fit a model to");

  Row sum{};
  for (const auto& [equations, allowed] :
       profiled ? std::vector{std::pair{evaluation, of_points}, {fixed, of_fixed}, {communication, of_communication}}
                : std::vector{std::pair{whole, of_all}}) {
    const Row fitted = fit_parts(equations, allowed);
    for (std::size_t k = 0; k < parts; ++k) sum[k] += fitted[k];
  }
  double largest = 0;
  for (const Row& row : whole.rows) largest = std::max(largest, std::abs(explained(row, sum) - 1));
  return {sum[1], sum[0], sum[2], sum[3], sum[4], largest};
}

std::vector<HeldBack> hold_back(const std::vector<ScalingPoint>& points) {
  std::vector<HeldBack> result;
  for (std::size_t i = 0; i < points.size(); ++i) {
    std::vector<ScalingPoint> others = points;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    const auto several = std::count_if(others.begin(), others.end(), [](const ScalingPoint& p) { return p.ranks > 1; });
    if (others.size() < 3 || several == 0 || several == static_cast<std::ptrdiff_t>(others.size())) continue;
    result.push_back({points[i], fit_scaling(others).step_time(points[i].points, points[i].ranks)});
  }
  return result;
}

}  // namespace jetpinn
