// Activations and their derivatives on packs: s, s', ..., s^(5).
//
// memo(z) is what a forward sweep leaves in place of z for the reverse: tanh z itself for tanh, whose derivatives are polynomials of it;
// z for the others.
#pragma once

#include "jetpinn/kernels/activation_kind.hpp"
#include "jetpinn/kernels/pack_math.hpp"

namespace jetpinn {

// s[0..Order] from the value, the polynomials of a = tanh z.
template <class T, int Order>
KOKKOS_FORCEINLINE_FUNCTION void tanh_derivatives(Pack<T> a, Pack<T> (&s)[6]) {
  const Pack<T> a2 = a * a, d = T(1) - a2;
  s[0] = a;
  if constexpr (Order >= 1) s[1] = d;
  if constexpr (Order >= 2) s[2] = T(-2) * a * d;
  if constexpr (Order >= 3) s[3] = d * (T(6) * a2 - T(2));
  if constexpr (Order >= 4) s[4] = d * a * (T(16) - T(24) * a2);
  if constexpr (Order >= 5) s[5] = d * (T(16) + a2 * (T(-120) + T(120) * a2));
}

// sigma^(k)(z), sigma(z) = 1 / (1 + e^-z) = (1 + tanh(z/2)) / 2.
template <class T, int Order>
KOKKOS_FORCEINLINE_FUNCTION void sigmoid_derivatives(Pack<T> z, Pack<T> (&s)[6]) {
  tanh_derivatives<T, Order>(pack_tanh<T>(T(0.5) * z), s);
  s[0] = T(0.5) + T(0.5) * s[0];
  T factor = T(0.5);
#pragma GCC unroll 5
  for (int k = 1; k <= Order; ++k) s[k] = (factor *= T(0.5)) * s[k];
}

// Each activation: derivatives<T, Order>(memo, s) fills s[0..Order], Order <= 5.
template <Activation>
struct ActivationFunction;

template <>
struct ActivationFunction<Activation::tanh> {
  template <class T>
  KOKKOS_FORCEINLINE_FUNCTION static Pack<T> memo(Pack<T> z) { return pack_tanh<T>(z); }
  template <class T, int Order>
  KOKKOS_FORCEINLINE_FUNCTION static void derivatives(Pack<T> memo, Pack<T> (&s)[6]) { tanh_derivatives<T, Order>(memo, s); }
};

template <>
struct ActivationFunction<Activation::sin> {
  template <class T>
  KOKKOS_FORCEINLINE_FUNCTION static Pack<T> memo(Pack<T> z) { return z; }
  template <class T, int Order>
  KOKKOS_FORCEINLINE_FUNCTION static void derivatives(Pack<T> z, Pack<T> (&s)[6]) {
    Pack<T> c;
    pack_sincos<T>(z, s[0], c);
    if constexpr (Order >= 1) s[1] = c;
    if constexpr (Order >= 2) s[2] = -s[0];
    if constexpr (Order >= 3) s[3] = -c;
    if constexpr (Order >= 4) s[4] = s[0];
    if constexpr (Order >= 5) s[5] = c;
  }
};

// SiLU: s = z sigma, s^(k) = z sigma^(k) + k sigma^(k-1).
template <>
struct ActivationFunction<Activation::silu> {
  template <class T>
  KOKKOS_FORCEINLINE_FUNCTION static Pack<T> memo(Pack<T> z) { return z; }
  template <class T, int Order>
  KOKKOS_FORCEINLINE_FUNCTION static void derivatives(Pack<T> z, Pack<T> (&s)[6]) {
    Pack<T> sigma[6];
    sigmoid_derivatives<T, Order>(z, sigma);
    s[0] = z * sigma[0];
#pragma GCC unroll 5
    for (int k = 1; k <= Order; ++k) s[k] = z * sigma[k] + T(k) * sigma[k - 1];
  }
};

// GELU in its exact form: s = z Phi(z).
template <>
struct ActivationFunction<Activation::gelu> {
  template <class T>
  KOKKOS_FORCEINLINE_FUNCTION static Pack<T> memo(Pack<T> z) { return z; }
  template <class T, int Order>
  KOKKOS_FORCEINLINE_FUNCTION static void derivatives(Pack<T> z, Pack<T> (&s)[6]) {
    // Beyond the limit phi is zero to rounding, but powers of z would not be.
    const Pack<T> inner = clamp_pack<T>(z, -PackConstants<T>::tail_limit, PackConstants<T>::tail_limit);
    Pack<T> phi, cdf;
    pack_normal<T>(inner, phi, cdf);
    const Pack<T> w = inner * inner;
    s[0] = z * cdf;
    if constexpr (Order >= 1) s[1] = cdf + inner * phi;
    if constexpr (Order >= 2) s[2] = phi * (T(2) - w);
    if constexpr (Order >= 3) s[3] = phi * inner * (w - T(4));
    if constexpr (Order >= 4) s[4] = phi * (w * (T(7) - w) - T(4));
    if constexpr (Order >= 5) s[5] = phi * inner * (w * (w - T(11)) + T(18));
  }
};

// softplus: s = log(1 + e^z) = max(z, 0) + log(1 + e^-|z|), s^(k) = sigma^(k-1).
template <>
struct ActivationFunction<Activation::softplus> {
  template <class T>
  KOKKOS_FORCEINLINE_FUNCTION static Pack<T> memo(Pack<T> z) { return z; }
  template <class T, int Order>
  KOKKOS_FORCEINLINE_FUNCTION static void derivatives(Pack<T> z, Pack<T> (&s)[6]) {
    Pack<T> sigma[6];
    if constexpr (Order >= 1) sigmoid_derivatives<T, Order - 1>(z, sigma);
    s[0] = (z > T(0) ? z : Pack<T>{}) + pack_log1p_unit<T>(pack_exp<T>(z > T(0) ? -z : z));
#pragma GCC unroll 5
    for (int k = 1; k <= Order; ++k) s[k] = sigma[k - 1];
  }
};

}  // namespace jetpinn
