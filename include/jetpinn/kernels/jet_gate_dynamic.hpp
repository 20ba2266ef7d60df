// The interpreter of gates, one point of a pack of units or, on a device, of one unit (formulas: jet_gate.hpp).
#pragma once

#include "jetpinn/kernels/jet_gate.hpp"
#include "jetpinn/kernels/jet_view.hpp"
#include "jetpinn/kernels/pack.hpp"

#include <Kokkos_Macros.hpp>
#include <cstdint>

namespace jetpinn {

template <class T, class P>
struct DynamicGate {
  GateSweep<T> sweep;
  DynamicJetView program;

  KOKKOS_FORCEINLINE_FUNCTION std::int64_t place(std::int64_t at, int c) const {
    return at + c * sweep.tile.points * sweep.tile.width;
  }
  KOKKOS_FORCEINLINE_FUNCTION P z(std::int64_t at, int c) const { return load<T, P>(sweep.z + place(at, c)); }
  KOKKOS_FORCEINLINE_FUNCTION P d(std::int64_t at, int c) const {
    return load<T, P>(sweep.v + place(at, c)) - load<T, P>(sweep.u + place(at, c));
  }
  KOKKOS_FORCEINLINE_FUNCTION P hbar(std::int64_t at, int c) const { return load<T, P>(sweep.adjoint + place(at, c)); }

  // H of one point.
  KOKKOS_FORCEINLINE_FUNCTION void forward(std::int64_t at, const T* k) const {
    const P z0 = z(at, 0), d0 = d(at, 0);
    store<T>(sweep.h + place(at, 0), load<T, P>(sweep.u + place(at, 0)) + z0 * d0);
    for (int c = 1; c < program.channels; ++c) {
      P sum = z0 * d(at, c) + z(at, c) * d0;
      for (int i = program.first[c]; i < program.first[c + 1]; ++i) {
        const auto& m = program.monomials[i];
        if (m.degree == 2) sum += k[i] * (z(at, m.factor[0]) * d(at, m.factor[1]) + z(at, m.factor[1]) * d(at, m.factor[0]));
      }
      store<T>(sweep.h + place(at, c), load<T, P>(sweep.u + place(at, c)) + sum);
    }
  }

  // Adjoints of one point in place: what a channel's adjoint enters comes before it in `order`.
  KOKKOS_FORCEINLINE_FUNCTION void reverse(std::int64_t at, const T* k) const {
    const P z0 = z(at, 0), d0 = d(at, 0), hbar0 = hbar(at, 0);
    P zbar0{}, dbar0{};
    for (int c = 0; c < program.channels; ++c) {
      const P bar = hbar(at, c);
      zbar0 += bar * d(at, c);
      dbar0 += bar * z(at, c);
    }
    for (int i = 0; i < program.channels - 1; ++i) {
      const int c = program.order[i];
      const P bar = hbar(at, c);
      P zbar = bar * d0, dbar = bar * z0;
      for (int j = program.first_partial[c]; j < program.first_partial[c + 1]; ++j) {
        const auto& partial = program.partials[j];
        if (partial.degree != 2) continue;
        const P slope = T(partial.multiplicity) * k[partial.monomial] * hbar(at, partial.target);
        zbar += slope * d(at, partial.other[0]);
        dbar += slope * z(at, partial.other[0]);
      }
      store<T>(sweep.adjoint + place(at, c), zbar);
      pass_on(place(at, c), bar, dbar);
    }
    store<T>(sweep.adjoint + place(at, 0), zbar0);
    pass_on(place(at, 0), hbar0, dbar0);
  }
  KOKKOS_FORCEINLINE_FUNCTION void pass_on(std::int64_t place, P bar, P dbar) const {
    T *ubar = sweep.u_adjoint + place, *vbar = sweep.v_adjoint + place;
    store<T>(ubar, sweep.writes ? bar - dbar : load<T, P>(ubar) + (bar - dbar));
    store<T>(vbar, sweep.writes ? dbar : load<T, P>(vbar) + dbar);
  }
};

}  // namespace jetpinn
