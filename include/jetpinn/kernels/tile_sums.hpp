// The sums of one row in registers, for formats of sparse matrices.
#pragma once

#include "jetpinn/kernels/pack.hpp"

#include <cstdint>
#include <type_traits>

namespace jetpinn {

// Packs: a tile's points in packs. Addresses are of rows of Packs * lanes numbers.
template <class T, int Packs>
struct RowSums {
  static constexpr int lanes = pack_lanes<T>, points = Packs * lanes;
  Pack<T> sums[Packs];

  KOKKOS_FORCEINLINE_FUNCTION void begin(T value) {
#pragma GCC unroll 8
    for (int p = 0; p < Packs; ++p) sums[p] = splat<T>(value);
  }
  KOKKOS_FORCEINLINE_FUNCTION void read(const T* y) {
#pragma GCC unroll 8
    for (int p = 0; p < Packs; ++p) sums[p] = load<T>(y + p * lanes);
  }
  KOKKOS_FORCEINLINE_FUNCTION void add(T weight, const T* x) {
    const Pack<T> w = splat<T>(weight);
#pragma GCC unroll 8
    for (int p = 0; p < Packs; ++p) sums[p] += w * load<T>(x + p * lanes);
  }
  KOKKOS_FORCEINLINE_FUNCTION T dot(const T* x) const {
    Pack<T> sum = sums[0] * load<T>(x);
#pragma GCC unroll 8
    for (int p = 1; p < Packs; ++p) sum += sums[p] * load<T>(x + p * lanes);
    return sum_lanes(sum);
  }
  KOKKOS_FORCEINLINE_FUNCTION void write(T* y) const {
#pragma GCC unroll 8
    for (int p = 0; p < Packs; ++p) store<T>(y + p * lanes, sums[p]);
  }
};

// f(integral constant) for one of the numbers of packs of a tile.
template <class F>
void with_packs(int packs, const F& f) {
  switch (packs) {
    case 1:
      return f(std::integral_constant<int, 1>{});
    case 2:
      return f(std::integral_constant<int, 2>{});
    case 4:
      return f(std::integral_constant<int, 4>{});
    default:
      return f(std::integral_constant<int, 8>{});
  }
}

}  // namespace jetpinn
