// What activations are made of: the form of activation_<name>.hpp, and polynomials that several share.
//
// ActivationFunction<Activation::name> has
//   memo(z)                   what a forward sweep leaves in place of z for the reverse, which makes the derivatives of it
//   derivatives<T, Order>     s, s', ..., s^(Order) from the memo, Order < slope_count, on packs
//   memo_flop, derivatives_flop(order)   what they cost
//   libtorch(z)               the reference engine's spelling, which autograd differentiates to the last digit
#pragma once

#include "jetpinn/base/types.hpp"
#include "jetpinn/kernels/activation_kind.hpp"
#include "jetpinn/kernels/pack_flop.hpp"
#include "jetpinn/kernels/pack_math.hpp"

namespace jetpinn {

// An activation with its derivatives: one more than the highest order of a jet's channel, for the reverse.
inline constexpr int slope_count = max_order + 2;

template <Activation>
struct ActivationFunction;

// Of those whose derivatives come from z itself.
struct PlainMemo {
  template <class T, class P>
  KOKKOS_FORCEINLINE_FUNCTION static P memo(P z) { return z; }
  template <class T>
  static constexpr double memo_flop() { return 0; }
};

// s[0..Order] from the value, the polynomials of a = tanh z.
template <class T, int Order, class P>
KOKKOS_FORCEINLINE_FUNCTION void tanh_derivatives(P a, P (&s)[slope_count]) {
  const P a2 = a * a, d = T(1) - a2;
  s[0] = a;
  if constexpr (Order >= 1) s[1] = d;
  if constexpr (Order >= 2) s[2] = T(-2) * a * d;
  if constexpr (Order >= 3) s[3] = d * (T(6) * a2 - T(2));
  if constexpr (Order >= 4) s[4] = d * a * (T(16) - T(24) * a2);
  if constexpr (Order >= 5) s[5] = d * (T(16) + a2 * (T(-120) + T(120) * a2));
  // In powers of w = a^2 - 1/2 the coefficients, and what cancels, are a few times smaller than in those of a^2.
  const P w = a2 - T(0.5);
  if constexpr (Order >= 6) s[6] = d * a * (T(28) + w * (T(240) - T(720) * w));
  if constexpr (Order >= 7) s[7] = d * (T(106) + w * (T(-924) + w * (T(-840) + T(5040) * w)));
}

// sigma^(k)(z), sigma(z) = 1 / (1 + e^-z) = (1 + tanh(z/2)) / 2.
template <class T, int Order, class P>
KOKKOS_FORCEINLINE_FUNCTION void sigmoid_derivatives(P z, P (&s)[slope_count]) {
  tanh_derivatives<T, Order>(pack_tanh<T>(T(0.5) * z), s);
  s[0] = T(0.5) + T(0.5) * s[0];
  T factor = T(0.5);
#pragma GCC unroll 7
  for (int k = 1; k <= Order; ++k) s[k] = (factor *= T(0.5)) * s[k];
}

inline constexpr double tanh_derivatives_flop[] = {0, 2, 4, 7, 11, 16, 23, 30};  // up to an order, tanh itself given

template <class T>
constexpr double sigmoid_derivatives_flop(int order) {
  return 1 + PackFlop<T>::tanh + tanh_derivatives_flop[order] + 2 + order;
}

}  // namespace jetpinn
