// The tangent of an activation at one point, of a pack of units or, on a device, of one (formulas: activation_tangent.hpp).
#pragma once

#include "jetpinn/kernels/activation_function.hpp"
#include "jetpinn/kernels/activation_tangent.hpp"
#include "jetpinn/kernels/jet_view.hpp"

#include <Kokkos_Macros.hpp>
#include <cstdint>

namespace jetpinn {

template <class T, class Function, class P>
struct ActivationTangent {
  TangentSweep<T> sweep;
  DynamicJetView program;

  // Units from `at` on of the tile's point p.
  KOKKOS_FORCEINLINE_FUNCTION void point(std::int64_t at, std::int64_t p, P bias) const {
    const T* k = sweep.coefficients + p * sweep.coefficient_stride;
    const T* dk = sweep.coefficient_changes ? sweep.coefficient_changes + p * sweep.coefficient_stride : nullptr;
    const std::int64_t stride = sweep.tile.points * sweep.tile.width;
    const auto z = [&](int c) { return load<T, P>(sweep.z + at + c * stride); };
    const auto dz = [&](int c) { return load<T, P>(sweep.z_tangent + at + c * stride); };
    P s[slope_count];
    if (program.degree < 5)
      Function::template derivatives<T, 5>(z(0), s);  // the same for every point: well predicted
    else
      Function::template derivatives<T, 7>(z(0), s);
    const P e = dz(0) + bias;
    store<T>(sweep.h_tangent + at, s[1] * e);
    for (int c = 1; c < program.channels; ++c) {
      P sum = s[2] * e * z(c) + s[1] * dz(c);
      for (int i = program.first[c]; i < program.first[c + 1]; ++i) {
        const DynamicJetTables::Monomial& m = program.monomials[i];
        sum += k[i] * monomial(m, s, e, z, dz);
        if (dk) sum += dk[i] * product(m, s[m.degree], z);
      }
      store<T>(sweep.h_tangent + at + c * stride, sum);
    }
  }

  template <class Z>
  KOKKOS_FORCEINLINE_FUNCTION static P product(const DynamicJetTables::Monomial& m, P slope, const Z& z) {
    for (int f = 0; f < m.degree; ++f) slope = slope * z(m.factor[f]);
    return slope;
  }

  template <class Z, class DZ>
  KOKKOS_FORCEINLINE_FUNCTION P monomial(const DynamicJetTables::Monomial& m, const P (&s)[slope_count], P e, const Z& z,
                                         const DZ& dz) const {
    P all = product(m, s[m.degree + 1] * e, z);
    for (int changed = 0; changed < m.degree; ++changed) {
      P share = s[m.degree] * dz(m.factor[changed]);
      for (int f = 0; f < m.degree; ++f) {
        if (f != changed) share = share * z(m.factor[f]);
      }
      all += share;
    }
    return all;
  }
};

}  // namespace jetpinn
