#include "jetpinn/gate/selection.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace jetpinn {

std::vector<std::int64_t> inclusion_probabilities(const std::vector<double>& significances, double threshold, double floor,
                                                  double uniform) {
  constexpr double unit = static_cast<double>(certain);
  const double slope = (1 - uniform) / threshold;
  std::vector<std::int64_t> probabilities(significances.size());
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    const double share = slope > 0 ? floor + slope * significances[i] : floor;
    probabilities[i] = share < 1 ? std::max<std::int64_t>(std::llround(share * unit), 1) : certain;
  }
  return probabilities;
}

std::int64_t sum_of(const std::vector<std::int64_t>& probabilities) {
  return std::accumulate(probabilities.begin(), probabilities.end(), std::int64_t{0});
}

std::int64_t taken_of(std::int64_t before, std::int64_t sum, std::int64_t start) {
  return ((before + sum + start) >> probability_bits) - ((before + start) >> probability_bits);
}

std::vector<std::int64_t> take_samples(const std::vector<std::int64_t>& probabilities, std::int64_t before,
                                       std::int64_t start) {
  std::vector<std::int64_t> taken;
  std::int64_t at = before + start;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    const std::int64_t next = at + probabilities[i];
    if (next >> probability_bits != at >> probability_bits) taken.push_back(static_cast<std::int64_t>(i));
    at = next;
  }
  return taken;
}

double importance_weight(std::int64_t probability) {
  return static_cast<double>(certain) / static_cast<double>(probability);
}

}  // namespace jetpinn
