#include "jetpinn/kernels/jet_mix.hpp"

#include "jetpinn/kernels/jet_mix_point.hpp"
#include "jetpinn/kernels/strips.hpp"

#include <string>

namespace jetpinn {

template <class T>
void mix_forward(Stream, const MixSweep<T>& sweep) {
  static const std::string label = "jetpinn::mix_forward";
  over_strips<T>(label, sweep.tile.width, KOKKOS_LAMBDA(const Strip<T>& strip) {
    const MixPoint<T, Pack<T>> mix{sweep};
    strip.each(sweep.channels * sweep.tile.points, [&](std::int64_t, std::int64_t, std::int64_t at) { mix.forward(at); });
  });
}

template <class T>
void mix_reverse(Stream, const MixSweep<T>& sweep) {
  static const std::string label = "jetpinn::mix_reverse";
  over_strips<T>(label, sweep.tile.width, KOKKOS_LAMBDA(const Strip<T>& strip) {
    Pack<T> shares[Strip<T>::most_packs] = {};
    const MixPoint<T, Pack<T>> mix{sweep};
    strip.each(sweep.channels * sweep.tile.points,
               [&](std::int64_t, std::int64_t i, std::int64_t at) { mix.reverse(at, shares[i]); });
    if (sweep.share_gradient) strip.add(shares, sweep.share_gradient);
  });
}

template void mix_forward<float>(Stream, const MixSweep<float>&);
template void mix_forward<double>(Stream, const MixSweep<double>&);
template void mix_reverse<float>(Stream, const MixSweep<float>&);
template void mix_reverse<double>(Stream, const MixSweep<double>&);

}  // namespace jetpinn
