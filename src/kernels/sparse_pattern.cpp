#include "jetpinn/kernels/sparse_pattern.hpp"

#include <algorithm>
#include <cstddef>

namespace jetpinn {

std::vector<std::int64_t> bits_of(const SparsePattern& pattern) {
  std::vector<std::uint64_t> words(static_cast<std::size_t>((pattern.weights() + 63) / 64));
  for (const std::int64_t place : pattern.kept)
    words[static_cast<std::size_t>(place / 64)] |= std::uint64_t{1} << place % 64;
  return {words.begin(), words.end()};
}

SparsePattern pattern_of(const std::vector<std::int64_t>& bits, std::int64_t inputs, std::int64_t outputs) {
  SparsePattern pattern{inputs, outputs, {}};
  for (std::int64_t place = 0; place < pattern.weights(); ++place)
    if (static_cast<std::uint64_t>(bits[static_cast<std::size_t>(place / 64)]) >> place % 64 & 1)
      pattern.kept.push_back(place);
  return pattern;
}

void expand(const SparsePattern& pattern, const double* kept, double* whole) {
  std::fill_n(whole, pattern.weights(), 0.0);
  for (std::size_t k = 0; k < pattern.kept.size(); ++k) whole[pattern.kept[k]] = kept[k];
}

std::vector<double> kept_of(const SparsePattern& pattern, const double* whole) {
  std::vector<double> kept;
  kept.reserve(pattern.kept.size());
  for (const std::int64_t place : pattern.kept) kept.push_back(whole[place]);
  return kept;
}

}  // namespace jetpinn
