#include "jetpinn/ablate/ablation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace jetpinn {

// Of 1 to 30 degrees of freedom from tables; beyond, the first terms of its expansion in 1/n about the normal quantile
// (Abramowitz and Stegun, 26.7.5).
double student_t(std::int64_t degrees) {
  constexpr std::array<double, 30> table{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                                         2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                                         2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
  if (degrees < 1) return 0;
  if (degrees <= static_cast<std::int64_t>(table.size())) return table[static_cast<std::size_t>(degrees - 1)];
  constexpr double normal = 1.959964;
  return normal + (normal * normal * normal + normal) / (4 * static_cast<double>(degrees));
}

ScoreSpread score_spread(const std::vector<double>& scores) {
  ScoreSpread spread;
  spread.runs = static_cast<std::int64_t>(scores.size());
  if (scores.empty()) return spread;
  const auto n = static_cast<double>(scores.size());
  spread.mean = std::accumulate(scores.begin(), scores.end(), 0.0) / n;
  if (scores.size() < 2) return spread;
  double squares = 0;
  for (const double score : scores) squares += (score - spread.mean) * (score - spread.mean);
  spread.deviation = std::sqrt(squares / (n - 1));
  spread.half_width = student_t(spread.runs - 1) * spread.deviation / std::sqrt(n);
  return spread;
}

std::string ScoreSpread::interval(int digits) const { return runs > 1 ? fmt::format(" ± {:.{}f}", half_width, digits) : ""; }

double RepresentationResult::training_seconds() const { return std::accumulate(seconds.begin(), seconds.end(), 0.0); }

std::vector<std::size_t> ranking(const Ablation& ablation) {
  std::vector<std::size_t> order(ablation.results.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    return ablation.results[i].spread().mean > ablation.results[j].spread().mean;
  });
  return order;
}

ScoreSpread difference(const RepresentationResult& x, const RepresentationResult& y) {
  std::vector<double> differences;
  for (std::size_t run = 0; run < std::min(x.scores.size(), y.scores.size()); ++run)
    differences.push_back(x.scores[run] - y.scores[run]);
  return score_spread(differences);
}

std::vector<std::string> ablation_sentences(const Ablation& ablation) {
  if (ablation.results.empty()) return {};
  const std::vector<std::size_t> order = ranking(ablation);
  const RepresentationResult& best = ablation.results[order[0]];
  const ScoreSpread first = best.spread();
  const std::string score = ablation.classification() ? "accuracy" : "share of the variance";
  std::vector<std::string> lines{fmt::format(
      "{} tells most: {} {:.3f}{} ({})", best.name, score, first.mean, first.interval(3),
      first.runs > 1 ? fmt::format("95 % over {} divisions", first.runs) : "of one division, which tells no interval")};
  if (order.size() < 2) return lines;
  const RepresentationResult& next = ablation.results[order[1]];
  const ScoreSpread behind = difference(best, next);
  const bool clear = behind.runs > 1 && behind.mean > behind.half_width;
  lines.push_back(fmt::format("{} is behind by {:.3f}{} on the same divisions: {}", next.name, behind.mean,
                              behind.interval(3), clear ? "clearly less" : "not clearly less"));
  if (ablation.classification() && first.runs > 1) {
    std::string none;
    for (const std::size_t r : order)
      if (const ScoreSpread spread = ablation.results[r].spread(); spread.mean - spread.half_width <= ablation.chance)
        none += (none.empty() ? "" : ", ") + ablation.results[r].name;
    if (!none.empty()) lines.push_back(fmt::format("not clearly above chance ({:.3f}): {}", ablation.chance, none));
  }
  return lines;
}

}  // namespace jetpinn
