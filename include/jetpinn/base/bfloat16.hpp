// A number of 16 bits: sign, exponent and the first seven digits of a float, so it has a float's range and rounds to 2^-9 of
// a number. Nothing computes with it: it is how rows of jets are kept.
#pragma once

#include <cstdint>
#include <cstring>

namespace jetpinn {

struct BFloat16 {
  std::uint16_t bits = 0;
};

// Of 1: twice what rounding to nearest changes at most, relative to the number.
inline constexpr double bfloat16_epsilon = 1.0 / 128;

inline float to_float(BFloat16 value) {
  const std::uint32_t bits = std::uint32_t{value.bits} << 16;
  float result;
  std::memcpy(&result, &bits, sizeof(result));
  return result;
}

// To nearest, ties to even; NaN stays one.
inline BFloat16 to_bfloat16(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  const std::uint32_t rounded = bits + 0x7fffu + ((bits >> 16) & 1u);
  const std::uint32_t result = magnitude > 0x7f800000u ? (bits | 0x00400000u) : rounded;
  return {static_cast<std::uint16_t>(result >> 16)};
}

inline bool is_finite(BFloat16 value) { return (value.bits & 0x7f80u) != 0x7f80u; }

}  // namespace jetpinn
