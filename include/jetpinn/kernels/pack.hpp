// Pack<T>: a vector register of T, written with ordinary operators (+ - * / < ?:).
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
// Of the processor the program is built for: what is longer than its registers, compilers take apart badly.
#if defined(__AVX512F__)
#define JETPINN_PACK_BYTES 64
#elif defined(__AVX__)
#define JETPINN_PACK_BYTES 32
#else
#define JETPINN_PACK_BYTES 16
#endif
template <>
struct PackTypes<float> {
  typedef float Values __attribute__((vector_size(JETPINN_PACK_BYTES)));
  typedef std::int32_t Bits __attribute__((vector_size(JETPINN_PACK_BYTES)));
};
template <>
struct PackTypes<double> {
  typedef double Values __attribute__((vector_size(JETPINN_PACK_BYTES)));
  typedef std::int64_t Bits __attribute__((vector_size(JETPINN_PACK_BYTES)));
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

inline constexpr int pack_bytes = static_cast<int>(sizeof(Pack<double>));  // of a pack of either type

// Extents of rows are padded to whole packs.
template <class T>
constexpr std::int64_t padded(std::int64_t extent) {
  return (extent + pack_lanes<T> - 1) / pack_lanes<T> * pack_lanes<T>;
}

// A number is read and written as itself: of a memcpy, which tells nothing of alignment, nvcc makes a load or store of each
// byte.
template <class T, class P = Pack<T>>
KOKKOS_FORCEINLINE_FUNCTION P load(const T* from) {
  if constexpr (std::is_same_v<P, T>) {
    return *from;
  } else {
    P pack;
    std::memcpy(&pack, from, sizeof(pack));
    return pack;
  }
}
template <class T, class P = Pack<T>>
KOKKOS_FORCEINLINE_FUNCTION void store(T* to, P pack) {
  if constexpr (std::is_same_v<P, T>)
    *to = pack;
  else
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
#if defined(JETPINN_VECTOR_PACKS) && __GNUC__ >= 12 && !defined(__clang__)
template <class P>
KOKKOS_FORCEINLINE_FUNCTION auto sum_of_halves(P x) {
  constexpr int lanes = static_cast<int>(sizeof(P) / sizeof(x[0]));
  if constexpr (lanes == 16)
    return sum_of_halves(__builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7) +
                         __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15));
  else if constexpr (lanes == 8)
    return sum_of_halves(__builtin_shufflevector(x, x, 0, 1, 2, 3) + __builtin_shufflevector(x, x, 4, 5, 6, 7));
  else if constexpr (lanes == 4)
    return (x[0] + x[2]) + (x[1] + x[3]);
  else
    return x[0] + x[1];
}
#else
template <class P>
KOKKOS_FORCEINLINE_FUNCTION auto sum_of_halves(P x) {
  using T = typename PackOf<P>::Value;
  T lanes[pack_lanes<T>];
  std::memcpy(lanes, &x, sizeof(x));
  for (int half = pack_lanes<T> / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  return lanes[0];
}
#endif
KOKKOS_FORCEINLINE_FUNCTION float sum_lanes(Pack<float> x) { return sum_of_halves(x); }
KOKKOS_FORCEINLINE_FUNCTION double sum_lanes(Pack<double> x) { return sum_of_halves(x); }

}  // namespace jetpinn
