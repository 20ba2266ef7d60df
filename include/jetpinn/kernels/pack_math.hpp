// Branch-free elementary functions on packs: range reduction and a polynomial (Chebyshev fits, errors below half an ulp of
// the result's scale before rounding). Absolute errors relative to the function's scale are a few epsilon; NaN goes through.
#pragma once

#include "jetpinn/kernels/pack.hpp"

namespace jetpinn {

// c[0] + c[1] x + ... by Horner's rule. The coefficients are an argument of the template: device code may not refer to a
// constant array of the host.
template <const auto& c, int Next, class P>
KOKKOS_FORCEINLINE_FUNCTION P horner(P sum, P x) {
  if constexpr (Next < 0) {
    return sum;
  } else {
    constexpr auto coefficient = c[Next];
    return horner<c, Next - 1, P>(sum * x + coefficient, x);
  }
}
template <const auto& c, class P>
KOKKOS_FORCEINLINE_FUNCTION P polynomial(P x) {
  constexpr int highest = static_cast<int>(sizeof(c) / sizeof(c[0])) - 1;
  constexpr auto coefficient = c[highest];
  return horner<c, highest - 1, P>(splat<typename PackOf<P>::Value, P>(coefficient), x);
}

template <class T, class P>
KOKKOS_FORCEINLINE_FUNCTION P clamp_pack(P x, T low, T high) {
  const P above = x < low ? splat<T, P>(low) : x;  // NaN fails both comparisons and stays
  return above > high ? splat<T, P>(high) : above;
}

template <class T>
struct PackConstants;

template <>
struct PackConstants<double> {
  static constexpr double round_magic = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to an
                                                             // integer held in the low bits
  static constexpr int mantissa_bits = 52;
  static constexpr std::int64_t exponent_bias = 1023;
  static constexpr double exp_low = -708, exp_high = 709, tanh_limit = 20, tail_limit = 37;
  // ln 2 in two parts, the first short enough for exact products with the exponent
  static constexpr double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
  // (e^r - 1 - r) / r^2 on |r| <= ln2 / 2
  static constexpr double exp_tail[] = {
      0.50000000000000011,    0.16666666666666669,    0.041666666666624129,   0.0083333333333300615,  0.0013888888917213717,
      0.00019841269863053618, 2.4801521295954376e-05, 2.7557268459997064e-06, 2.7620088445409746e-07, 2.510038549551032e-08};
  // pi/2 in three parts of 33 bits
  static constexpr double pio2_1 = 1.57079632673412561417e+00, pio2_2 = 6.07710050630396597660e-11,
                          pio2_3 = 2.02226624871116645580e-21;
  // (sin r - r) / r^3 and (cos r - 1 + r^2/2) / r^4 in r^2, |r| <= pi/4
  static constexpr double sin_tail[] = {-0.16666666666666666,   0.0083333333333309254,   -0.00019841269836722418,
                                        2.7557316083816358e-06, -2.5051127944014188e-08, 1.5917848524808262e-10};
  static constexpr double cos_tail[] = {0.041666666666666664,    -0.0013888888888887382, 2.480158729874307e-05,
                                        -2.7557317260008837e-07, 2.0876143827993133e-09, -1.1382456778061306e-11};
  // (atanh(s)/s - 1) / s^2 in s^2, s <= 1/3
  static constexpr double atanh_tail[] = {
      0.33333333333333331,  0.20000000000007298, 0.14285714283552531,  0.11111111358900891,  0.090908947086632233,
      0.076927852964561214, 0.06657067775440581, 0.060005775914288892, 0.044001588254343867, 0.080824690847356689};
  // exp(y^2/2) Phi(-y) in (y - c) / (y + c), y >= 0
  static constexpr double normal_center = 5;
  static constexpr double normal_tail[] = {0.076919304975006292,    -0.14345755526401199,    0.11606881188600281,
                                           -0.080883877264127615,   0.047855352284211852,    -0.02341390048763824,
                                           0.0089913705494794691,   -0.0023788443582171788,  0.00021955075111949754,
                                           0.00013427686243864853,  -6.0427571150967202e-05, 9.6117548732964333e-07,
                                           6.6447548098171312e-06,  -1.2695425054584449e-06, -6.7580722270567977e-07,
                                           2.4201522382351585e-07,  7.7946782872037247e-08,  -3.7176021331586603e-08,
                                           -1.1293299749381937e-08, 4.0505322825136392e-09,  1.5354210928418546e-09};
};

template <>
struct PackConstants<float> {
  static constexpr float round_magic = 12582912.0f;  // 1.5 * 2^23
  static constexpr int mantissa_bits = 23;
  static constexpr std::int32_t exponent_bias = 127;
  static constexpr float exp_low = -87, exp_high = 88, tanh_limit = 9.5f, tail_limit = 13;
  static constexpr float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
  static constexpr float exp_tail[] = {0.5f, 0.166665763f, 0.0416665561f, 0.00836317893f, 0.0013926184f};
  static constexpr float pio2_1 = 1.5703125f, pio2_2 = 4.83751297e-4f, pio2_3 = 7.54978995e-8f;
  static constexpr float sin_tail[] = {-0.166666642f, 0.0083327461f, -0.000195873872f};
  static constexpr float cos_tail[] = {0.0416666642f, -0.00138883002f, 2.45474366e-05f};
  static constexpr float atanh_tail[] = {0.333333194f, 0.200037822f, 0.141182736f, 0.134260133f};
  static constexpr float normal_center = 4;
  static constexpr float normal_tail[] = {0.094410643f,     -0.170397729f,   0.124379367f,    -0.0717071071f,
                                          0.0308633596f,    -0.00849611685f, 0.000512078987f, 0.000657920435f,
                                          -0.000182046526f, -7.3565323e-05f};
};

// x = k ln2 + r: returns e^r - 1 and 2^k.
template <class T, class P>
KOKKOS_FORCEINLINE_FUNCTION P reduced_exp(P x, P& scale) {
  using C = PackConstants<T>;
  using Bits = BitsOf<P>;
  const P shifted = x * T(1.4426950408889634074) + C::round_magic;
  const P k = shifted - C::round_magic;
  const P r = (x - k * C::ln2_high) - k * C::ln2_low;
  scale = bit_cast_pack<P>(shift_left<Bits>(bit_cast_pack<Bits>(shifted) + C::exponent_bias, C::mantissa_bits));
  return r + r * r * polynomial<C::exp_tail>(r);
}

template <class T, class P>
KOKKOS_FORCEINLINE_FUNCTION P pack_exp(P x) {
  P scale;
  const P e = reduced_exp<T>(clamp_pack<T>(x, PackConstants<T>::exp_low, PackConstants<T>::exp_high), scale);
  return scale + scale * e;
}

// tanh x = (e^{2x} - 1) / (e^{2x} + 1), through e^{2x} - 1 so that small x keep their relative accuracy.
template <class T, class P>
KOKKOS_FORCEINLINE_FUNCTION P pack_tanh(P x) {
  constexpr T limit = PackConstants<T>::tanh_limit;
  P scale;
  const P e = reduced_exp<T>(T(2) * clamp_pack<T>(x, -limit, limit), scale);
  const P minus_one = scale * e + (scale - T(1));
  return minus_one / (minus_one + T(2));
}

// Accurate for |x| up to about 1e5 (fp32: 1e3).
template <class T, class P>
KOKKOS_FORCEINLINE_FUNCTION void pack_sincos(P x, P& sine, P& cosine) {
  using C = PackConstants<T>;
  using Bits = BitsOf<P>;
  const P shifted = x * T(0.63661977236758134308) + C::round_magic;
  const P k = shifted - C::round_magic;
  const P r = ((x - k * C::pio2_1) - k * C::pio2_2) - k * C::pio2_3, w = r * r;
  const P s = r + r * w * polynomial<C::sin_tail>(w);
  const P c = T(1) - T(0.5) * w + w * w * polynomial<C::cos_tail>(w);
  // quadrant q = k mod 4: sin is s, c, -s, -c and cos is c, -s, -c, s
  const Bits q = bit_cast_pack<Bits>(shifted);
  constexpr int sign_bit = 8 * static_cast<int>(sizeof(T)) - 1;
  const P sine_size = (q & 1) != 0 ? c : s, cosine_size = (q & 1) != 0 ? s : c;
  sine = bit_cast_pack<P>(bit_cast_pack<Bits>(sine_size) ^ shift_left<Bits>(q >> 1, sign_bit));
  cosine = bit_cast_pack<P>(bit_cast_pack<Bits>(cosine_size) ^ shift_left<Bits>((q + 1) >> 1, sign_bit));
}

// log(1 + e) for e in [0, 1]: 2 atanh(e / (2 + e)).
template <class T, class P>
KOKKOS_FORCEINLINE_FUNCTION P pack_log1p_unit(P e) {
  const P s = e / (e + T(2)), w = s * s;
  return T(2) * (s + s * w * polynomial<PackConstants<T>::atanh_tail>(w));
}

// Normal density phi(z) and distribution Phi(z).
template <class T, class P>
KOKKOS_FORCEINLINE_FUNCTION void pack_normal(P z, P& density, P& distribution) {
  using C = PackConstants<T>;
  const P y = clamp_pack<T>(z < T(0) ? -z : z, T(0), C::tail_limit);
  const P e = pack_exp<T>(T(-0.5) * y * y);
  const P t = (y - C::normal_center) / (y + C::normal_center);
  const P tail = e * polynomial<C::normal_tail>(t);
  density = e * T(0.39894228040143267794);
  distribution = z > T(0) ? T(1) - tail : tail;
}

}  // namespace jetpinn
