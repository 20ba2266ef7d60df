#include "jetpinn/sampling/permutation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace jetpinn {
namespace {

TEST(Permutation, HitsEveryNumberOnce) {
  for (std::uint64_t n : {1, 2, 3, 4, 5, 17, 64, 1000, 1025}) {
    const Permutation permutation(n, 42 + n);
    std::vector<int> hits(n);
    for (std::uint64_t i = 0; i < n; ++i) ++hits.at(permutation(i));
    EXPECT_EQ(std::count(hits.begin(), hits.end(), 1), static_cast<std::ptrdiff_t>(n)) << n;
  }
}

TEST(Permutation, ReachesLargeRangesWithoutATable) {
  const std::uint64_t n = 1000000007ull * 1000;
  const Permutation permutation(n, 1);
  for (std::uint64_t i : {std::uint64_t{0}, n / 2, n - 1}) EXPECT_LT(permutation(i), n);
}

TEST(Permutation, EverySeedIsAnotherAndAllPlacesAreEquallyLikely) {
  // Places of pairs (0, 1) among 5 over many seeds: 20 outcomes, chi squared with 19 degrees of freedom
  // (mean 19, deviation sqrt(38)).
  const int trials = 20000;
  std::vector<int> count(25);
  for (int seed = 0; seed < trials; ++seed) {
    const Permutation permutation(5, mix_bits(static_cast<std::uint64_t>(seed)));
    ++count[permutation(0) * 5 + permutation(1)];
  }
  double chi = 0;
  for (int a = 0; a < 5; ++a)
    for (int b = 0; b < 5; ++b) {
      const int found = count[static_cast<std::size_t>(a * 5 + b)];
      if (a == b) {
        EXPECT_EQ(found, 0);
      } else {
        chi += std::pow(found - trials / 20.0, 2) / (trials / 20.0);
      }
    }
  EXPECT_LT(chi, 19 + 5 * std::sqrt(38.0));
}

}  // namespace
}  // namespace jetpinn
