// How a host's kernels walk over a tile: a work item sweeps a strip of columns, row by row as they lie in memory, so that
// what it keeps for each column (a sum over rows) stays in the first-level cache.
#pragma once

#include "jetpinn/kernels/pack.hpp"

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace jetpinn {

// A line of an array that is about to be written whole. Stores wait for each other where the first-level cache lacks their
// lines; reads do not, so a line that is read first is there in time. Pays in kernels of many streams (gates).
template <class T>
KOKKOS_FORCEINLINE_FUNCTION void fetch_line(const T* at) {
  (void)*reinterpret_cast<const volatile unsigned char*>(at);
}

// Columns [first, first + packs * pack_lanes<T>) of rows of `width`.
template <class T>
struct Strip {
  static constexpr std::int64_t most_packs = 8;
  std::int64_t width, first, packs;

  // f(row, pack within the strip, place in the array) for every pack of every row.
  template <class F>
  KOKKOS_FORCEINLINE_FUNCTION void each(std::int64_t rows, F&& f) const {
    for (std::int64_t row = 0; row < rows; ++row)
      for (std::int64_t i = 0; i < packs; ++i) f(row, i, row * width + first + i * pack_lanes<T>);
  }
  // totals[column] += sums, a pack each.
  KOKKOS_FORCEINLINE_FUNCTION void add(const Pack<T>* sums, T* totals) const {
    for (std::int64_t i = 0; i < packs; ++i) {
      T* total = totals + first + i * pack_lanes<T>;
      store<T>(total, load(total) + sums[i]);
    }
  }
};

// functor(strip) for all strips of rows of `width`, a multiple of pack_lanes<T>.
template <class T, class Functor>
void over_strips(const std::string& label, std::int64_t width, const Functor& functor) {
  constexpr std::int64_t most = Strip<T>::most_packs;
  const std::int64_t packs = width / pack_lanes<T>;
  const Kokkos::RangePolicy<std::int64_t> strips(0, (packs + most - 1) / most);
  Kokkos::parallel_for(label, strips, KOKKOS_LAMBDA(std::int64_t n) {
    functor(Strip<T>{width, n * most * pack_lanes<T>, std::min(packs - n * most, most)});
  });
}

}  // namespace jetpinn
