// Scrambled Sobol sequence with random access.
//
// Direction numbers: Joe and Kuo, Constructing Sobol sequences with better two-dimensional projections, SIAM J. Sci.
// Comput. 30, 2008 (their set new-joe-kuo-6). Scrambling: nested uniform (Owen), by hashing as in Laine and Karras 2011
// and Burley, Practical hash-based Owen scrambling, JCGT 2020. It keeps every (t, m, s)-net property and makes each
// point uniform in the unit cube.
#pragma once

#include "jetpinn/sampling/permutation.hpp"
#include "jetpinn/sampling/random.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

inline constexpr int sobol_dimensions = 64;

// The unscrambled sequence: x = result * 2^-32. index < 2^32, 0 <= dimension < sobol_dimensions.
std::uint32_t sobol_bits(std::uint32_t index, int dimension);

// Owen's scrambling of a binary fraction: a bit is flipped or not as a hash of the bits before it and the seed says.
std::uint32_t scramble_bits(std::uint32_t bits, std::uint32_t seed);

// One scrambled sequence in any number of dimensions. Beyond 64 the same directions serve again with their points in a
// shuffled order that keeps the prefixes of 2^m points, which makes groups of 64 dimensions independent of each other.
class Sobol {
 public:
  Sobol(const PointKey& key, std::uint64_t stream, int dimensions);

  // Coordinates [dimensions] in [0, 1) of point `index`: 32 scrambled bits, below them random ones. Every attempt has a
  // scrambling of its own, so has every run of 2^32 points. Attempts after the first one, of points that were refused, take
  // their indices in a random order besides: the low bits of an index choose the box of a point whatever the scrambling, and
  // points that were refused together would come back together. They are as even as independent points.
  void point(std::uint64_t index, std::uint32_t attempt, double* fractions);

 private:
  void reseed(std::uint64_t turn);

  PointKey key_;
  std::uint64_t stream_;
  std::uint64_t turn_ = 0;              // attempt and index / 2^32 of the seeds held
  std::vector<std::uint64_t> seeds_;    // [dimensions]: low half scrambles, the whole jitters
  Permutation order_;                   // of the indices, after the first attempt
};

}  // namespace jetpinn
