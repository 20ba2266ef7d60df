#include "jetpinn/balance/term_weights.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

namespace jetpinn {

std::vector<double> equalising_weights(const std::vector<double>& sizes) {
  constexpr double floor = 1e-5;  // of the mean: no weight is above its inverse
  const double mean = std::accumulate(sizes.begin(), sizes.end(), 0.0) / static_cast<double>(sizes.size());
  std::vector<double> weights;
  if (!std::isfinite(mean) || mean <= 0) return weights;
  for (const double size : sizes) weights.push_back(mean / (size + floor * mean));
  return weights;
}

// The largest exponent is subtracted from all, which a softmax does not see, so that none overflows. None is below epsilon
// of the largest: it would add nothing, and losses are divided by their weights to tell them in those of the config.
std::vector<double> relative_weights(const std::vector<double>& losses, const std::vector<double>& before,
                                     double temperature) {
  std::vector<double> weights;
  for (std::size_t t = 0; t < losses.size(); ++t)
    weights.push_back((before[t] > 0 ? losses[t] / before[t] : 1.0) / temperature);
  if (!std::all_of(weights.begin(), weights.end(), [](double w) { return std::isfinite(w); })) return {};
  const double largest = *std::max_element(weights.begin(), weights.end());
  constexpr double least = std::numeric_limits<double>::epsilon();
  for (double& weight : weights) weight = std::max(std::exp(weight - largest), least);
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight *= static_cast<double>(weights.size()) / sum;
  return weights;
}

void move_towards(std::vector<double>& weights, const std::vector<double>& target, double momentum) {
  for (std::size_t t = 0; t < target.size(); ++t) weights[t] = momentum * weights[t] + (1 - momentum) * target[t];
}

}  // namespace jetpinn
