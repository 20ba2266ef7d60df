// tanh. Its derivatives are polynomials of tanh z itself, which is the memo.
#pragma once

#include "jetpinn/kernels/activation_function.hpp"

namespace jetpinn {

template <>
struct ActivationFunction<Activation::tanh> {
  template <class T, class P>
  KOKKOS_FORCEINLINE_FUNCTION static P memo(P z) { return pack_tanh<T>(z); }
  template <class T, int Order, class P>
  KOKKOS_FORCEINLINE_FUNCTION static void derivatives(P memo, P (&s)[slope_count]) {
    tanh_derivatives<T, Order>(memo, s);
  }
  template <class T>
  static constexpr double memo_flop() { return PackFlop<T>::tanh; }
  template <class T>
  static constexpr double derivatives_flop(int order) { return tanh_derivatives_flop[order]; }
  template <class Tensor>
  static Tensor libtorch(const Tensor& z) { return z.tanh(); }
};

}  // namespace jetpinn
