#include "jetpinn/optim/own_rates.hpp"

namespace jetpinn {

std::vector<RateRange> rate_ranges(const ParameterLayout& layout, double stage_rate) {
  std::vector<RateRange> ranges;
  const auto append = [&](std::int64_t end, double factor) {
    const std::int64_t begin = ranges.empty() ? 0 : ranges.back().begin + ranges.back().length;
    if (end == begin) return;
    if (!ranges.empty() && ranges.back().factor == factor)
      ranges.back().length += end - begin;
    else
      ranges.push_back({begin, end - begin, factor});
  };
  for (const ParameterMatrix& matrix : layout.matrices) {
    if (!(matrix.learning_rate > 0)) continue;
    append(matrix.begin, 1);
    append(matrix.begin + matrix.size(), matrix.learning_rate / stage_rate);
  }
  append(layout.size, 1);
  return ranges;
}

}  // namespace jetpinn
