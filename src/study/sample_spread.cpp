#include "jetpinn/study/sample_spread.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>

namespace jetpinn {
namespace {

// The sample below which a share q of the ordered samples lies.
double quantile(const std::vector<double>& ordered, double q) {
  const double place = q * static_cast<double>(ordered.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, ordered.size() - 1);
  return ordered[below] + (place - static_cast<double>(below)) * (ordered[above] - ordered[below]);
}

}  // namespace

double SampleSpread::noise() const { return median > 0 ? 0.5 * (upper - lower) / median : 0; }

SampleSpread spread_of(std::vector<double> samples) {
  SampleSpread spread;
  if (samples.empty()) return spread;
  std::sort(samples.begin(), samples.end());
  spread.samples = static_cast<std::int64_t>(samples.size());
  spread.min = samples.front();
  spread.lower = quantile(samples, 0.25);
  spread.median = quantile(samples, 0.5);
  spread.upper = quantile(samples, 0.75);
  spread.max = samples.back();
  return spread;
}

std::string to_json(const SampleSpread& spread) {
  return nlohmann::ordered_json{{"samples", spread.samples}, {"median", spread.median}, {"min", spread.min},
                                {"lower", spread.lower},     {"upper", spread.upper},   {"max", spread.max},
                                {"noise", spread.noise()}}
      .dump();
}

}  // namespace jetpinn
