// A random permutation of 0 .. n-1 with random access and no memory: a Feistel network on the next power of two, walked
// along its cycles until it comes back below n (Black and Rogaway, Ciphers with arbitrary finite domains, 2002).
#pragma once

#include "jetpinn/sampling/random.hpp"

namespace jetpinn {

class Permutation {
 public:
  Permutation(std::uint64_t n, std::uint64_t seed) : n_(n), seed_(seed) {
    while (bits_ < 64 && (std::uint64_t{1} << bits_) < n) ++bits_;
  }

  std::uint64_t operator()(std::uint64_t i) const {
    if (n_ < 2) return i;
    do i = encrypt(i);
    while (i >= n_);  // fewer than two rounds on average
    return i;
  }

 private:
  // Even: the halves, which differ by a bit when `bits_` is odd, change places in each. With 8 rounds permutations of 5 to 8
  // numbers are visibly uneven, with 16 no longer.
  static constexpr int rounds = 16;

  std::uint64_t encrypt(std::uint64_t i) const {
    int left_bits = bits_ / 2, right_bits = bits_ - left_bits;
    std::uint64_t left = i >> right_bits, right = i & ((std::uint64_t{1} << right_bits) - 1);
    for (int round = 0; round < rounds; ++round) {
      const std::uint64_t mask = (std::uint64_t{1} << left_bits) - 1;
      const std::uint64_t next =
          left ^ (mix_bits(right + seed_ + static_cast<std::uint64_t>(round) * 0x9e3779b97f4a7c15u) & mask);
      left = right;
      right = next;
      const int swapped = left_bits;
      left_bits = right_bits;
      right_bits = swapped;
    }
    return (left << right_bits) | right;
  }

  std::uint64_t n_, seed_;
  int bits_ = 0;
};

}  // namespace jetpinn
