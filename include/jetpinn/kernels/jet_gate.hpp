// A gate between jets, H = U + Z * (V - U), forward and reverse: products of jets by the Leibniz rule.
//
// For channel operators p_c in the basis of a jet program, the product of two jets is
//   (f g)_0 = f_0 g_0,   (f g)_c = f_0 g_c + f_c g_0 + sum_m k_m (f_a g_b + f_b g_a),
// over the monomials m of degree 2 with target c and factors a, b: the cross terms of p_c(xi + eta), which Faa di Bruno's
// formula holds for s(z) = z^2 / 2. Adjoints, with D = V - U:
//   zbar_0 = sum_c hbar_c d_c,   zbar_c = d_0 hbar_c + sum_m k_m hbar_target d_other,   dbar likewise with z;   vbar +=
//   dbar,  ubar += hbar - dbar.
// Structures known at compile time keep everything in registers (jet_structures.hpp), an interpreter takes every other
// program.
#pragma once

#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/activation_jet.hpp"
#include "jetpinn/kernels/jet_coefficients.hpp"

#include <cstdint>

namespace jetpinn {

// Everything one sweep reads and writes; arrays as in JetTile.
template <class T, class Space = HostSpace>
struct GateSweep {
  JetTile tile;
  Pointer<const T, Space> coefficients = nullptr;  // k_m in the kernel's order; row p begins at
                                                   // coefficients + p * coefficient_stride
  std::int64_t coefficient_stride = 0;             // 0: the same for every point
  Pointer<const T, Space> z = nullptr, u = nullptr, v = nullptr;
  Pointer<T, Space> h = nullptr;                   // out: forward; reverse: null or H again
  Pointer<T, Space> adjoint = nullptr;             // reverse: hbar in, zbar out
  Pointer<T, Space> u_adjoint = nullptr, v_adjoint = nullptr;  // reverse: added to, or overwritten where `writes`
  bool writes = false;                           // the first share of these adjoints
};

template <class T>
class JetGate {
 public:
  explicit JetGate(const JetProgram& program, bool use_static = true);  // use_static as in JetCoefficients
  const JetCoefficients<T>& coefficients() const { return coefficients_; }
  void forward(Stream stream, const GateSweep<T>& sweep) const;
  void reverse(Stream stream, const GateSweep<T>& sweep) const;

 private:
  JetCoefficients<T> coefficients_;
};

// Per unit and point.
double gate_forward_flop(const JetProgram& program);
double gate_reverse_flop(const JetProgram& program);

}  // namespace jetpinn
