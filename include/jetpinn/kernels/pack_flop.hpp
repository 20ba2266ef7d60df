// Floating-point operations of the functions of pack_math.hpp and tape_math.hpp, line by line; kernel_flop.hpp: what counts.
#pragma once

#include "jetpinn/kernels/pack_math.hpp"

#include <cstddef>

namespace jetpinn {

// A function of the standard library, taken as so many operations: it is not written here, and no two libraries agree.
inline constexpr double library_function_flop = 20;

// Horner's rule.
template <class T, std::size_t N>
constexpr double horner_flop(const T (&)[N]) {
  return 2.0 * (N - 1);
}

template <class T>
struct PackFlop {
  using C = PackConstants<T>;
  static constexpr double reduced_exp = 2 + 1 + 4 + 3 + horner_flop(C::exp_tail);   // shifted, k, r, r + r r p(r)
  static constexpr double exp = reduced_exp + 2;
  static constexpr double tanh = 1 + reduced_exp + 3 + 2;                           // 2 x, minus_one, the quotient
  static constexpr double sincos = 2 + 1 + 6 + 1 + 3 + horner_flop(C::sin_tail) + 5 + horner_flop(C::cos_tail);
  static constexpr double log1p_unit = 2 + 1 + 4 + horner_flop(C::atanh_tail);
  static constexpr double log = 1 + 3 + 1 + 1 + 3 + 4 + horner_flop(C::atanh_tail); // k, s, w, the sum
  static constexpr double normal = 1 + 2 + exp + 3 + 1 + horner_flop(C::normal_tail) + 2;
};

}  // namespace jetpinn
