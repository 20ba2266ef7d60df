// Elementary functions of the tape: the packed ones of pack_math.hpp inside their range, the standard library's outside of
// it, where overflow and large arguments must come out right for whatever a user writes.
#pragma once

#include "jetpinn/kernels/pack_math.hpp"

#include <cmath>

namespace jetpinn {

template <class T>
struct TapeRange;
template <>
struct TapeRange<double> {
  static constexpr double angle = 1e4, exp_low = -708, exp_high = 709, log_low = 2.2250738585072014e-308, log_high = 1.7e308;
  static constexpr std::int64_t one_bits = 0x3FE6A09E667F3BCD;  // sqrt(1/2)
};
template <>
struct TapeRange<float> {
  static constexpr float angle = 1e2f, exp_low = -87, exp_high = 88, log_low = 1.17549435e-38f, log_high = 3.4e38f;
  static constexpr std::int32_t one_bits = 0x3F3504F3;
};

// All lanes within [low, high]; false for NaN.
template <class T>
inline bool pack_within(Pack<T> x, T low, T high) {
  const PackBits<T> inside = (x >= low) & (x <= high);
  T lanes[pack_lanes<T>];
  const Pack<T> outside = inside ? splat<T>(0) : splat<T>(1);
  store<T>(lanes, outside);
  T count = 0;
  for (T lane : lanes) count += lane;
  return count == 0;
}

// The function lane by lane.
template <class T, class Function>
inline Pack<T> by_lane(Pack<T> x, Function f) {
  T lanes[pack_lanes<T>];
  store<T>(lanes, x);
  for (T& lane : lanes) lane = f(lane);
  return load<T>(lanes);
}

template <class T>
inline Pack<T> tape_sin_pack(const T* from) {
  const Pack<T> x = load<T>(from);
  if (!pack_within<T>(x, -TapeRange<T>::angle, TapeRange<T>::angle)) return by_lane<T>(x, [](T v) { return std::sin(v); });
  Pack<T> sine, cosine;
  pack_sincos<T>(x, sine, cosine);
  return sine;
}

template <class T>
inline Pack<T> tape_cos_pack(const T* from) {
  const Pack<T> x = load<T>(from);
  if (!pack_within<T>(x, -TapeRange<T>::angle, TapeRange<T>::angle)) return by_lane<T>(x, [](T v) { return std::cos(v); });
  Pack<T> sine, cosine;
  pack_sincos<T>(x, sine, cosine);
  return cosine;
}

template <class T>
inline Pack<T> tape_exp_pack(const T* from) {
  const Pack<T> x = load<T>(from);
  if (!pack_within<T>(x, TapeRange<T>::exp_low, TapeRange<T>::exp_high))
    return by_lane<T>(x, [](T v) { return std::exp(v); });
  return pack_exp<T>(x);
}

// x = 2^k m with sqrt(1/2) <= m < sqrt(2): log x = k ln2 + 2 atanh((m - 1) / (m + 1)).
template <class T>
inline Pack<T> tape_log_pack(const T* from) {
  using C = PackConstants<T>;
  using Bits = PackBits<T>;
  const Pack<T> x = load<T>(from);
  if (!pack_within<T>(x, TapeRange<T>::log_low, TapeRange<T>::log_high))
    return by_lane<T>(x, [](T v) { return std::log(v); });
  const Bits exponent = (bit_cast_pack<Bits>(x) - TapeRange<T>::one_bits) >> C::mantissa_bits;
  const Pack<T> m = bit_cast_pack<Pack<T>>(bit_cast_pack<Bits>(x) - (exponent << C::mantissa_bits));
  // integers to floating point by the bits of the rounding constant
  const Pack<T> k = bit_cast_pack<Pack<T>>(exponent + bit_cast_pack<Bits>(splat<T>(C::round_magic))) - C::round_magic;
  const Pack<T> f = m - T(1), s = f / (m + T(1)), w = s * s;
  return k * C::ln2_high + (T(2) * (s + s * w * polynomial<C::atanh_tail>(w)) + k * C::ln2_low);
}

}  // namespace jetpinn
