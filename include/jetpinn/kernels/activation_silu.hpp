// SiLU: s = z sigma, s^(k) = z sigma^(k) + k sigma^(k-1).
#pragma once

#include "jetpinn/kernels/activation_function.hpp"

namespace jetpinn {

template <>
struct ActivationFunction<Activation::silu> : PlainMemo {
  template <class T, int Order, class P>
  KOKKOS_FORCEINLINE_FUNCTION static void derivatives(P z, P (&s)[slope_count]) {
    P sigma[slope_count];
    sigmoid_derivatives<T, Order>(z, sigma);
    s[0] = z * sigma[0];
#pragma GCC unroll 7
    for (int k = 1; k <= Order; ++k) s[k] = z * sigma[k] + T(k) * sigma[k - 1];
  }
  template <class T>
  static constexpr double derivatives_flop(int order) { return sigmoid_derivatives_flop<T>(order) + 1 + 3.0 * order; }
  template <class Tensor>
  static Tensor libtorch(const Tensor& z) { return z * z.sigmoid(); }
};

}  // namespace jetpinn
