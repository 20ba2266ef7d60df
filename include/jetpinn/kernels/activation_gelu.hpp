// GELU in its exact form: s = z Phi(z).
#pragma once

#include "jetpinn/kernels/activation_function.hpp"

namespace jetpinn {

template <>
struct ActivationFunction<Activation::gelu> : PlainMemo {
  template <class T, int Order, class P>
  KOKKOS_FORCEINLINE_FUNCTION static void derivatives(P z, P (&s)[slope_count]) {
    // Beyond the limit phi is zero to rounding, but powers of z would not be.
    const P inner = clamp_pack<T>(z, -PackConstants<T>::tail_limit, PackConstants<T>::tail_limit);
    P phi, cdf;
    pack_normal<T>(inner, phi, cdf);
    const P w = inner * inner;
    s[0] = z * cdf;
    if constexpr (Order >= 1) s[1] = cdf + inner * phi;
    if constexpr (Order >= 2) s[2] = phi * (T(2) - w);
    if constexpr (Order >= 3) s[3] = phi * inner * (w - T(4));
    if constexpr (Order >= 4) s[4] = phi * (w * (T(7) - w) - T(4));
    if constexpr (Order >= 5) s[5] = phi * inner * (w * (w - T(11)) + T(18));
    if constexpr (Order >= 6) s[6] = phi * (w * (w * (T(16) - w) - T(51)) + T(18));
    if constexpr (Order >= 7) s[7] = phi * inner * (w * (w * (w - T(22)) + T(115)) - T(120));
  }
  template <class T>
  static constexpr double derivatives_flop(int order) {
    constexpr double polynomials[] = {2, 4, 6, 9, 12, 17, 23, 30};  // inner^2 and s[0] first
    return PackFlop<T>::normal + polynomials[order];
  }
  template <class Tensor>
  static Tensor libtorch(const Tensor& z) { return 0.5 * z * (1 + (z * (1 / 1.4142135623730950488)).erf()); }
};

}  // namespace jetpinn
