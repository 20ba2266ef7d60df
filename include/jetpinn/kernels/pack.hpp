// Pack<T>: 64 bytes of T in vector registers, written with ordinary operators (+ - * / < ?:).
//
// With GCC or Clang on a host it is a vector extension type, which any instruction set serves; elsewhere (nvcc, or with
// JETPINN_SCALAR_PACKS) it is plain T, one lane wide. Formulas that kernels of hosts and of devices share take their type P
// from their arguments: a Pack<T>, or T itself in a device's kernel, which has a thread for every number.
#pragma once

#include <Kokkos_Macros.hpp>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace jetpinn {

template <class T>
struct PackTypes;

#if defined(__GNUC__) && !defined(__CUDACC__) && !defined(__HIPCC__) && !defined(JETPINN_SCALAR_PACKS)
#define JETPINN_VECTOR_PACKS
template <>
struct PackTypes<float> {
  typedef float Values __attribute__((vector_size(64)));
  typedef std::int32_t Bits __attribute__((vector_size(64)));
};
template <>
struct PackTypes<double> {
  typedef double Values __attribute__((vector_size(64)));
  typedef std::int64_t Bits __attribute__((vector_size(64)));
};
#else
template <>
struct PackTypes<float> {
  using Values = float;
  using Bits = std::int32_t;
};
template <>
struct PackTypes<double> {
  using Values = double;
  using Bits = std::int64_t;
};
#endif

template <class T>
using Pack = typename PackTypes<T>::Values;
template <class T>
using PackBits = typename PackTypes<T>::Bits;  // integers of the same width, lane by lane

// Of a P, whether a pack or a number: the number's type, and integers of P's width.
template <class P>
struct PackOf;
template <>
struct PackOf<float> {
  using Value = float;
  using Bits = std::int32_t;
};
template <>
struct PackOf<double> {
  using Value = double;
  using Bits = std::int64_t;
};
#if defined(JETPINN_VECTOR_PACKS)
template <>
struct PackOf<Pack<float>> {
  using Value = float;
  using Bits = PackBits<float>;
};
template <>
struct PackOf<Pack<double>> {
  using Value = double;
  using Bits = PackBits<double>;
};
#endif
template <class P>
using BitsOf = typename PackOf<P>::Bits;

template <class T>
inline constexpr int pack_lanes = static_cast<int>(sizeof(Pack<T>) / sizeof(T));

// Extents of rows are padded to whole packs.
template <class T>
constexpr std::int64_t padded(std::int64_t extent) {
  return (extent + pack_lanes<T> - 1) / pack_lanes<T> * pack_lanes<T>;
}

template <class T, class P = Pack<T>>
KOKKOS_FORCEINLINE_FUNCTION P load(const T* from) {
  P pack;
  std::memcpy(&pack, from, sizeof(pack));
  return pack;
}
template <class T, class P = Pack<T>>
KOKKOS_FORCEINLINE_FUNCTION void store(T* to, P pack) {
  std::memcpy(to, &pack, sizeof(pack));
}
template <class T, class P = Pack<T>>
KOKKOS_FORCEINLINE_FUNCTION P splat(T value) {
  return value - P{};  // x - 0 is x for every x, also for -0: folds to a broadcast
}
template <class To, class From>
KOKKOS_FORCEINLINE_FUNCTION To bit_cast_pack(From from) {
  static_assert(sizeof(To) == sizeof(From), "the same width");
  To to;
  std::memcpy(&to, &from, sizeof(to));
  return to;
}

// bits << count, lane by lane; what leaves the width is lost.
template <class Bits>
KOKKOS_FORCEINLINE_FUNCTION Bits shift_left(Bits bits, int count) {
  if constexpr (std::is_integral_v<Bits>) {
    return static_cast<Bits>(static_cast<std::make_unsigned_t<Bits>>(bits) << count);
  } else {
    return bits << count;
  }
}

// Sum over the lanes, by halves.
KOKKOS_FORCEINLINE_FUNCTION float sum_lanes(Pack<float> x) {
#if defined(JETPINN_VECTOR_PACKS) && __GNUC__ >= 12 && !defined(__clang__)
  const auto a =
      __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7) + __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
  const auto b = __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
  return (b[0] + b[2]) + (b[1] + b[3]);
#else
  float lanes[pack_lanes<float>], sum = 0;
  std::memcpy(lanes, &x, sizeof(x));
  for (float lane : lanes) sum += lane;
  return sum;
#endif
}
KOKKOS_FORCEINLINE_FUNCTION double sum_lanes(Pack<double> x) {
#if defined(JETPINN_VECTOR_PACKS) && __GNUC__ >= 12 && !defined(__clang__)
  const auto a = __builtin_shufflevector(x, x, 0, 1, 2, 3) + __builtin_shufflevector(x, x, 4, 5, 6, 7);
  return (a[0] + a[2]) + (a[1] + a[3]);
#else
  double lanes[pack_lanes<double>], sum = 0;
  std::memcpy(lanes, &x, sizeof(x));
  for (double lane : lanes) sum += lane;
  return sum;
#endif
}

}  // namespace jetpinn
