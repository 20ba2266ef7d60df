// tanh. Its derivatives are polynomials of tanh z itself, which is the memo.
#pragma once

#include "jetpinn/kernels/activation_function.hpp"

namespace jetpinn {

template <>
struct ActivationFunction<Activation::tanh> {
  template <class T>
  KOKKOS_FORCEINLINE_FUNCTION static Pack<T> memo(Pack<T> z) { return pack_tanh<T>(z); }
  template <class T, int Order>
  KOKKOS_FORCEINLINE_FUNCTION static void derivatives(Pack<T> memo, Pack<T> (&s)[6]) { tanh_derivatives<T, Order>(memo, s); }
  template <class T>
  static constexpr double memo_flop() { return PackFlop<T>::tanh; }
  template <class T>
  static constexpr double derivatives_flop(int order) { return tanh_derivatives_flop[order]; }
  template <class Tensor>
  static Tensor libtorch(const Tensor& z) { return z.tanh(); }
};

}  // namespace jetpinn
