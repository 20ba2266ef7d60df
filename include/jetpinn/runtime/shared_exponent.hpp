// The exponent that numbers share when they become integers (bf16_kernels.hpp): functions of bits, for kernels that must
// agree.
#pragma once

#include <cstdint>
#include <cstring>

namespace jetpinn {

// Of the bits of the largest magnitude as a float: its exponent field, or 0 where all count as zeros.
constexpr std::uint32_t shared_exponent(std::uint32_t largest) { return largest >> 23 < 16 ? 0 : largest >> 23; }

inline float float_of(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

// 2^(11-e), by which numbers become integers; 0 where they count as zeros or are not finite.
inline float to_integers(std::uint32_t exponent) {
  return exponent == 0 || exponent == 255 ? 0.0f : float_of((264 - exponent) << 23);
}
// 2^(e-11), which an integer stands for; NaN where a number is not finite.
inline float of_integers(std::uint32_t exponent) {
  return exponent == 0 ? 0.0f : exponent == 255 ? float_of(0x7fc00000u) : float_of((exponent - 10) << 23);
}

}  // namespace jetpinn
