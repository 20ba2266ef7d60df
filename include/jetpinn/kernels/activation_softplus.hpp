// softplus: s = log(1 + e^z) = max(z, 0) + log(1 + e^-|z|), s^(k) = sigma^(k-1).
#pragma once

#include "jetpinn/kernels/activation_function.hpp"

namespace jetpinn {

template <>
struct ActivationFunction<Activation::softplus> : PlainMemo {
  template <class T, int Order, class P>
  KOKKOS_FORCEINLINE_FUNCTION static void derivatives(P z, P (&s)[slope_count]) {
    P sigma[slope_count];
    if constexpr (Order >= 1) sigmoid_derivatives<T, Order - 1>(z, sigma);
    s[0] = (z > T(0) ? z : P{}) + pack_log1p_unit<T>(pack_exp<T>(z > T(0) ? -z : z));
#pragma GCC unroll 7
    for (int k = 1; k <= Order; ++k) s[k] = sigma[k - 1];
  }
  template <class T>
  static constexpr double derivatives_flop(int order) {
    return (order >= 1 ? sigmoid_derivatives_flop<T>(order - 1) : 0) + 1 + PackFlop<T>::exp + PackFlop<T>::log1p_unit;
  }
  // Above its threshold LibTorch takes z itself: it must lie where exp(-z) is nothing, and exp(z) still finite.
  template <class Tensor>
  static Tensor libtorch(const Tensor& z) { return softplus(z, 1, z.element_size() == sizeof(double) ? 700 : 80); }
};

}  // namespace jetpinn
