// Repeated measurements of one quantity: median and spread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// Repeated samples of one quantity, in its unit. Quartiles by linear interpolation between the ordered samples.
struct SampleSpread {
  std::int64_t samples = 0;
  double min = 0, lower = 0, median = 0, upper = 0, max = 0;   // lower and upper quartile

  // Half the distance between the quartiles over the median: what a single sample may be off. 0 for fewer than two samples.
  double noise() const;
};
SampleSpread spread_of(std::vector<double> samples);   // of none: all zero

std::string to_json(const SampleSpread& spread);

}  // namespace jetpinn
