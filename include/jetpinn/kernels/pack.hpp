// Pack<T>: 64 bytes of T in vector registers, written with ordinary operators (+ - * / < ?:).
//
// With GCC or Clang on a host it is a vector extension type, which any instruction set serves; elsewhere (nvcc, or with
// JETPINN_SCALAR_PACKS) it is plain T, one lane wide, so that the same kernels compile for a thread per element.
#pragma once

#include <Kokkos_Macros.hpp>
#include <cstdint>
#include <cstring>

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

template <class T>
inline constexpr int pack_lanes = static_cast<int>(sizeof(Pack<T>) / sizeof(T));

// Extents of rows are padded to whole packs.
template <class T>
constexpr std::int64_t padded(std::int64_t extent) {
  return (extent + pack_lanes<T> - 1) / pack_lanes<T> * pack_lanes<T>;
}

template <class T>
KOKKOS_FORCEINLINE_FUNCTION Pack<T> load(const T* from) {
  Pack<T> pack;
  std::memcpy(&pack, from, sizeof(pack));
  return pack;
}
template <class T>
KOKKOS_FORCEINLINE_FUNCTION void store(T* to, Pack<T> pack) {
  std::memcpy(to, &pack, sizeof(pack));
}
template <class T>
KOKKOS_FORCEINLINE_FUNCTION Pack<T> splat(T value) {
  return value - Pack<T>{};  // x - 0 is x for every x, also for -0: folds to a broadcast
}
template <class To, class From>
KOKKOS_FORCEINLINE_FUNCTION To bit_cast_pack(From from) {
  static_assert(sizeof(To) == sizeof(From), "the same width");
  To to;
  std::memcpy(&to, &from, sizeof(to));
  return to;
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
