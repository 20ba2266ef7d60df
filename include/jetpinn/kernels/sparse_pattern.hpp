// Which weights of a matrix are there. The others are zero, and no storage, product or optimiser has them.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace jetpinn {

struct SparsePattern {
  std::int64_t inputs = 0, outputs = 0;
  std::vector<std::int64_t> kept;  // places in the matrix [inputs, outputs], rising: the order of the weights that are kept

  std::int64_t weights() const { return inputs * outputs; }
  double density() const { return static_cast<double>(kept.size()) / static_cast<double>(weights()); }
};
using SparsePatterns = std::deque<std::shared_ptr<const SparsePattern>>;

// A bit for each place of the matrix, the lowest bit of a word first. [ceil(weights / 64)]
std::vector<std::int64_t> bits_of(const SparsePattern& pattern);
SparsePattern pattern_of(const std::vector<std::int64_t>& bits, std::int64_t inputs, std::int64_t outputs);

// The whole matrix [inputs, outputs] of the kept weights, and the kept ones of a whole matrix.
void expand(const SparsePattern& pattern, const double* kept, double* whole);
std::vector<double> kept_of(const SparsePattern& pattern, const double* whole);

}  // namespace jetpinn
