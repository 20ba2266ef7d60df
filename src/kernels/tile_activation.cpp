#include "jetpinn/kernels/tile_activation.hpp"

#include "jetpinn/kernels/activation.hpp"
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/kernels/pack_math.hpp"

#include <type_traits>
#if defined(__AVX512F__) && defined(JETPINN_VECTOR_PACKS)
#if defined(__GNUC__) && !defined(__clang__)
// False alarms inside immintrin.h of GCC 12 (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>
#endif

namespace jetpinn {
namespace {

// a / b, and x between -limit and limit; NaN stays. A division of 512 bits takes as long as 32 multiply-adds: an estimate of
// 14 bits and a step of Newton's method give the inverse to a unit in the last place. b: of the size of 1 to 1e6.
#if defined(__AVX512F__) && defined(JETPINN_VECTOR_PACKS)
Pack<float> quotient(Pack<float> a, Pack<float> b) {
  const Pack<float> inverse = _mm512_rcp14_ps(b);
  return a * (inverse + inverse * (1.0f - b * inverse));
}
Pack<float> limited(Pack<float> x, float limit) {
  return _mm512_min_ps(splat<float>(limit), _mm512_max_ps(splat<float>(-limit), x));
}
#else
Pack<float> quotient(Pack<float> a, Pack<float> b) { return a / b; }
Pack<float> limited(Pack<float> x, float limit) { return clamp_pack<float>(x, -limit, limit); }
#endif

// In tiles of fp32 tanh is an odd rational function, the smallest largest relative error of x P(x^2) / Q(x^2) on |x| <= 9:
// 2e-8, and at most 4 epsilon with its roundings. It takes less time than pack_tanh, which derivatives need and values do
// not.
struct RationalTanh {
  static constexpr float limit = 9;  // where tanh is 1 in fp32
  static constexpr float p[] = {9.999999795e-01f, 1.338100857e-01f, 3.495567755e-03f, 2.060874770e-05f, 1.335420766e-08f};
  static constexpr float q[] = {1.0f, 4.671432418e-01f, 2.587690490e-02f, 3.285601468e-04f, 7.776370046e-07f};

  static Pack<float> value(Pack<float> x) {
    x = limited(x, limit);
    const Pack<float> square = x * x;
    return quotient(x * polynomial<p>(square), polynomial<q>(square));
  }
};

template <class T, class Function>
Pack<T> value_of(Pack<T> x) {
  if constexpr (std::is_same_v<T, float> && std::is_same_v<Function, ActivationFunction<Activation::tanh>>) {
    return RationalTanh::value(x);
  } else {
    Pack<T> s[slope_count];
    Function::template derivatives<T, 0>(Function::template memo<T>(x), s);
    return s[0];
  }
}

template <class T, class Function>
void apply(T* values, std::int64_t count) {
  for (std::int64_t i = 0; i < count; i += pack_lanes<T>) store<T>(values + i, value_of<T, Function>(load<T>(values + i)));
}

}  // namespace

template <class T>
TileActivation<T> tile_activation(Activation activation) {
  return with_activation(activation, [](auto function) -> TileActivation<T> { return apply<T, decltype(function)>; });
}

template TileActivation<float> tile_activation<float>(Activation);
template TileActivation<double> tile_activation<double>(Activation);

}  // namespace jetpinn
