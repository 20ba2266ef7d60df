// Random words as pure functions of a key and a counter: Philox4x64-10 (Salmon et al., Parallel random
// numbers: as easy as 1, 2, 3, 2011).
#pragma once

#include "jetpinn/sampling/point_key.hpp"

#include <Random123/philox.h>

#include <array>
#include <cstdint>

namespace jetpinn {

// What a random word is for: equal counters of different purposes are different words.
enum class Draw : std::uint32_t {
  uniform,
  jitter,
  permutation,
  scramble,
  holdout,
  batch,
  look_back,
  redraw,
  choice,
  stream,
  gate,
  weights,      // initial parameters of a model of images
  image,        // that is generated
  augmentation  // of an image in an epoch
};

// Four words of counter (index, a, b, purpose).
inline std::array<std::uint64_t, 4> random_words(const PointKey& key, Draw purpose, std::uint64_t index, std::uint64_t a = 0,
                                                 std::uint64_t b = 0) {
  r123::Philox4x64 generator;
  const auto words = generator({{index, a, b, static_cast<std::uint64_t>(purpose)}},
                               {{key.seed, (static_cast<std::uint64_t>(key.term) << 32) | key.epoch}});
  return {words[0], words[1], words[2], words[3]};
}

// The 53 highest bits as a multiple of 2^-53 in [0, 1).
inline double unit_interval(std::uint64_t word) { return static_cast<double>(word >> 11) * 0x1p-53; }

// A bijection of 64-bit words that mixes all bits (the finaliser of SplitMix64): cheap where Philox supplied the seed.
inline std::uint64_t mix_bits(std::uint64_t word) {
  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
  word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
  return word ^ (word >> 31);
}

}  // namespace jetpinn
