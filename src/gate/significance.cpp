#include "jetpinn/gate/significance.hpp"

#include <cmath>
#include <limits>

namespace jetpinn {
namespace {

// values += weight column / mean; nothing where the column is zero or does not count.
void add_part(std::vector<double>& values, double weight, const std::vector<double>& column, double mean) {
  if (weight == 0 || mean == 0 || column.empty()) return;
  const double factor = weight / mean;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += factor * column[i];
}

}  // namespace

std::vector<double> changes_of(const SampleScores& scores) {
  std::vector<double> changes(scores.residual.size());
  for (std::size_t i = 0; i < changes.size(); ++i) changes[i] = std::abs(scores.residual[i] - scores.before[i]);
  return changes;
}

std::vector<double> significances(const SampleScores& scores, const ScoreMeans& means, const SignificanceWeights& weights,
                                  double target, double emphasis, std::int64_t step) {
  std::vector<double> values(scores.trained.size());
  const double per_step = weights.age * target;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = per_step * (static_cast<double>(step) - scores.trained[i]);
  add_part(values, weights.residual, scores.residual, means.residual);
  if (weights.change > 0 && means.change > 0) add_part(values, weights.change, changes_of(scores), means.change);
  add_part(values, weights.gradient, scores.gradient, means.gradient);
  for (double& value : values) {
    value *= emphasis;
    if (!std::isfinite(value)) value = std::numeric_limits<double>::infinity();
  }
  return values;
}

}  // namespace jetpinn
