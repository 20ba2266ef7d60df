// The interpreter as a host runs it: a pack of units over all points of the tile.
#pragma once

#include "jetpinn/kernels/activation_jet_dynamic.hpp"

#include <Kokkos_Core.hpp>
#include <string>

namespace jetpinn {

template <class T, Activation A>
struct DynamicForward : DynamicSweep<T, A, Pack<T>> {
  KOKKOS_FUNCTION void operator()(std::int64_t column) const {
    const std::int64_t at = column * pack_lanes<T>, points = this->sweep.tile.points;
    const Pack<T> bias = load(this->sweep.bias + at);
    std::int64_t p = 0;
    for (; p + this->group <= points; p += this->group)
      this->template forward<DynamicSweep<T, A, Pack<T>>::group>(p, at, bias);
    for (; p < points; ++p) this->template forward<1>(p, at, bias);
  }
};

template <class T, Activation A>
struct DynamicReverse : DynamicSweep<T, A, Pack<T>> {
  KOKKOS_FUNCTION void operator()(std::int64_t column) const {
    const std::int64_t at = column * pack_lanes<T>, points = this->sweep.tile.points;
    Pack<T> bias_gradient{};
    std::int64_t p = 0;
    for (; p + this->group <= points; p += this->group)
      this->template reverse<DynamicSweep<T, A, Pack<T>>::group>(p, at, bias_gradient);
    for (; p < points; ++p) this->template reverse<1>(p, at, bias_gradient);
    T* total = this->sweep.bias_gradient + at;
    store<T>(total, load(total) + bias_gradient);
  }
};

template <class T, Activation A>
void dynamic_forward(const JetSweep<T>& sweep, const DynamicJetTables* tables) {
  static const std::string label = "jetpinn::activation_jet_forward_any";
  Kokkos::parallel_for(label, Kokkos::RangePolicy<std::int64_t>(0, sweep.tile.width / pack_lanes<T>),
                       DynamicForward<T, A>{{sweep, DynamicJetView(*tables)}});
}

template <class T, Activation A>
void dynamic_reverse(const JetSweep<T>& sweep, const DynamicJetTables* tables) {
  static const std::string label = "jetpinn::activation_jet_reverse_any";
  Kokkos::parallel_for(label, Kokkos::RangePolicy<std::int64_t>(0, sweep.tile.width / pack_lanes<T>),
                       DynamicReverse<T, A>{{sweep, DynamicJetView(*tables)}});
}

}  // namespace jetpinn
