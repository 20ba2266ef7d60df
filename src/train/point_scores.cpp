#include "jetpinn/train/point_scores.hpp"

#include "jetpinn/sampling/random.hpp"
#include "jetpinn/sampling/residual_cells.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {

std::vector<double> PointScores::residuals_of(Engine& engine, const std::vector<double>& parameters, std::size_t term,
                                              const TermPoints& points) const {
  std::vector<double> residuals(static_cast<std::size_t>(assembly_.terms[term].program.residuals() * points.local_count));
  if (points.local_count > 0)
    engine.residuals(Stream{}, parameters.data(), static_cast<int>(term), points, residuals.data());
  return residuals;
}

// A normal number by Box and Muller for each, a function of seed, round, member and number of the parameter.
std::vector<double> PointScores::perturbed(std::vector<double> parameters, std::int64_t member, const PointKey& key) const {
  constexpr double turn = 6.283185307179586;
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    const auto word = random_words(key, Draw::choice, p, static_cast<std::uint64_t>(member));
    const double length = std::sqrt(-2 * std::log(std::max(unit_interval(word[0]), 0x1p-54)));
    parameters[p] *= 1 + options_.spread * length * std::cos(turn * unit_interval(word[1]));
  }
  return parameters;
}

// sqrt(sum_k w_k var r_k)
std::vector<double> PointScores::by_uncertainty(Engine& engine, const std::vector<double>& parameters, std::size_t term,
                                                const TermPoints& points, const PointKey& key) const {
  const std::int64_t count = points.local_count, rows = assembly_.terms[term].program.residuals();
  const auto size = static_cast<std::size_t>(rows * count);
  std::vector<double> mean(size, 0.0), squares(size, 0.0), deviations(static_cast<std::size_t>(count));
  for (std::int64_t m = 0; m < options_.ensemble; ++m) {
    const std::vector<double> residuals = residuals_of(engine, perturbed(parameters, m, key), term, points);
    for (std::size_t i = 0; i < size; ++i) {  // Welford
      const double off = residuals[i] - mean[i];
      mean[i] += off / static_cast<double>(m + 1);
      squares[i] += off * (residuals[i] - mean[i]);
    }
  }
  for (std::int64_t i = 0; i < count; ++i) {
    double variance = 0;
    for (std::int64_t k = 0; k < rows; ++k)
      variance += points.own_weight_at(k, i) * squares[static_cast<std::size_t>(k * count + i)];
    deviations[static_cast<std::size_t>(i)] = std::sqrt(variance / static_cast<double>(options_.ensemble - 1));
  }
  return deviations;
}

std::vector<double> PointScores::by_residual(Engine& engine, const std::vector<double>& parameters, std::size_t term,
                                             const TermPoints& points) const {
  const std::int64_t count = points.local_count, rows = assembly_.terms[term].program.residuals();
  const std::vector<double> residuals = residuals_of(engine, parameters, term, points);
  std::vector<double> scores(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    double square = 0;
    for (std::int64_t k = 0; k < rows; ++k) {
      const double residual = residuals[static_cast<std::size_t>(k * count + i)];
      square += points.own_weight_at(k, i) * residual * residual;
    }
    scores[static_cast<std::size_t>(i)] = std::sqrt(square);
  }
  return scores;
}

std::uint64_t PointScores::cell_of(const TermPoints& points, std::int64_t i) const {
  std::vector<double> place(static_cast<std::size_t>(points.dimensions));
  for (int d = 0; d < points.dimensions; ++d) place[static_cast<std::size_t>(d)] = points.coordinate(d)[i];
  return cell_path(assembly_.problem->lower, assembly_.problem->upper, place.data());
}

}  // namespace jetpinn
