// A sum of two jets at one place of their arrays, of a pack of units or, on a device, of one (formulas: jet_mix.hpp).
#pragma once

#include "jetpinn/kernels/jet_mix.hpp"
#include "jetpinn/kernels/pack.hpp"

#include <Kokkos_Macros.hpp>
#include <cstdint>

namespace jetpinn {

template <class T, class P>
struct MixPoint {
  MixSweep<T> sweep;

  // The same with a and b of a device, where they lie there.
  KOKKOS_FORCEINLINE_FUNCTION MixPoint with_shares() const {
    MixPoint point = *this;
    if (sweep.shares) point.sweep.a = sweep.shares[0], point.sweep.b = sweep.shares[1];
    return point;
  }
  KOKKOS_FORCEINLINE_FUNCTION void forward(std::int64_t at) const {
    store<T>(sweep.y + at, sweep.a * load<T, P>(sweep.f + at) + sweep.b * load<T, P>(sweep.x + at));
  }
  // share += the place's part of the share's gradient.
  KOKKOS_FORCEINLINE_FUNCTION void reverse(std::int64_t at, P& share) const {
    const P bar = load<T, P>(sweep.adjoint + at);
    if (sweep.f) {
      const P f = load<T, P>(sweep.f + at), x = load<T, P>(sweep.x + at);
      if (sweep.y) store<T>(sweep.y + at, sweep.a * f + sweep.b * x);
      share += bar * (f - x);
    }
    store<T>(sweep.adjoint + at, sweep.a * bar);
    if (!sweep.x_adjoint) return;
    const P passed = sweep.b * bar;
    store<T>(sweep.x_adjoint + at, sweep.writes ? passed : load<T, P>(sweep.x_adjoint + at) + passed);
  }
};

}  // namespace jetpinn
