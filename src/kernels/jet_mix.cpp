#include "jetpinn/kernels/jet_mix.hpp"

#include "jetpinn/kernels/jet_mix_point.hpp"

#include <Kokkos_Core.hpp>

#include <string>

namespace jetpinn {
namespace {

// f(place of a pack) for every channel and point of a column of units.
template <class T, class F>
KOKKOS_FORCEINLINE_FUNCTION void down_column(const MixSweep<T>& sweep, std::int64_t column, F&& f) {
  std::int64_t at = column * pack_lanes<T>;
  for (std::int64_t row = 0; row < sweep.channels * sweep.tile.points; ++row, at += sweep.tile.width) f(at);
}

template <class T>
Kokkos::RangePolicy<std::int64_t> columns_of(const MixSweep<T>& sweep) {
  return {0, sweep.tile.width / pack_lanes<T>};
}

}  // namespace

template <class T>
void mix_forward(Stream, const MixSweep<T>& sweep) {
  static const std::string label = "jetpinn::mix_forward";
  Kokkos::parallel_for(label, columns_of(sweep), KOKKOS_LAMBDA(std::int64_t column) {
    const MixPoint<T, Pack<T>> mix{sweep};
    down_column(sweep, column, [&](std::int64_t at) { mix.forward(at); });
  });
}

template <class T>
void mix_reverse(Stream, const MixSweep<T>& sweep) {
  static const std::string label = "jetpinn::mix_reverse";
  Kokkos::parallel_for(label, columns_of(sweep), KOKKOS_LAMBDA(std::int64_t column) {
    Pack<T> share{};
    const MixPoint<T, Pack<T>> mix{sweep};
    down_column(sweep, column, [&](std::int64_t at) { mix.reverse(at, share); });
    if (sweep.share_gradient) {
      T* to = sweep.share_gradient + column * pack_lanes<T>;
      store<T>(to, load(to) + share);
    }
  });
}

template void mix_forward<float>(Stream, const MixSweep<float>&);
template void mix_forward<double>(Stream, const MixSweep<double>&);
template void mix_reverse<float>(Stream, const MixSweep<float>&);
template void mix_reverse<double>(Stream, const MixSweep<double>&);

}  // namespace jetpinn
