// The sine.
#pragma once

#include "jetpinn/kernels/activation_function.hpp"

namespace jetpinn {

template <>
struct ActivationFunction<Activation::sin> : PlainMemo {
  template <class T, int Order, class P>
  KOKKOS_FORCEINLINE_FUNCTION static void derivatives(P z, P (&s)[slope_count]) {
    P c;
    pack_sincos<T>(z, s[0], c);
    if constexpr (Order >= 1) s[1] = c;
    if constexpr (Order >= 2) s[2] = -s[0];
    if constexpr (Order >= 3) s[3] = -c;
    if constexpr (Order >= 4) s[4] = s[0];
    if constexpr (Order >= 5) s[5] = c;
    if constexpr (Order >= 6) s[6] = -s[0];
    if constexpr (Order >= 7) s[7] = -c;
  }
  template <class T>
  static constexpr double derivatives_flop(int order) {
    return PackFlop<T>::sincos + (order >= 2 ? 1 : 0) + (order >= 3 ? 1 : 0);
  }
  template <class Tensor>
  static Tensor libtorch(const Tensor& z) { return z.sin(); }
};

}  // namespace jetpinn
