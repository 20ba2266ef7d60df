// How the activated jets change with the pre-activations, along a direction: what forward differentiation needs of an
// activation.
//
// For h_c = s' z_c + sum_m k_m s^(d_m) prod_f z_f (jet_program.hpp) and changes dz, with e = dz_0:
//   dh_0 = s' e,   dh_c = s'' e z_c + s' dz_c + sum_m k_m (s^(d_m + 1) e prod_f z_f + s^(d_m) sum_f dz_f prod_{g != f} z_g),
// and where the coefficients change too, + sum_m dk_m s^(d_m) prod_f z_f.
// One interpreter for every program; the formulas are those of the adjoints, read the other way round.
#pragma once

#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/activation_jet.hpp"
#include "jetpinn/kernels/jet_coefficients.hpp"

#include <cstdint>

namespace jetpinn {

// Everything one sweep reads and writes; arrays as in JetTile.
template <class T, class Space = HostSpace>
struct TangentSweep {
  JetTile tile;
  Pointer<const T, Space> coefficients = nullptr;  // in the interpreter's order; row p begins at
                                                   // coefficients + p * coefficient_stride
  std::int64_t coefficient_stride = 0;
  Pointer<const T, Space> coefficient_changes = nullptr;  // laid out as they are; null: they do not change
  Pointer<const T, Space> z = nullptr;             // as the activation's forward left it: the memo in slot 0
  Pointer<const T, Space> z_tangent = nullptr;     // without the bias's
  Pointer<const T, Space> bias_tangent = nullptr;  // [width]
  Pointer<T, Space> h_tangent = nullptr;           // out
};

// tables: of the interpreter (JetCoefficients with use_static false).
template <class T>
void activation_tangent(Stream stream, Activation activation, const DynamicJetTables& tables, const TangentSweep<T>& sweep);

// y[i] += a x[i], i < count.
template <class T>
void add_scaled(Stream stream, std::int64_t count, T a, const T* x, T* y);

}  // namespace jetpinn
