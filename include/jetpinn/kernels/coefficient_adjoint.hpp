// Adjoints of the coefficients that a jet program's monomials carry, point by point: what a trainable number inside a
// collapsed operator needs, for its gradient passes through every layer that multiplies jets.
//
// With k_m = coefficient_m * slot(p) and the adjoints hbar of a layer's output,
//   activation:  slotbar(p) += sum over units of coefficient_m s^(d_m) hbar_target prod_f z_f,
//   gate:        slotbar(p) += sum over units of coefficient_m hbar_target (z_a d_b + z_b d_a),  D = V - U, degree 2 alone,
//   features:    xbar_e(p)   = sum over units of w_ij zbar_cj for each wanted pair e of channel c and feature i.
// They read what the layer's own reverse then overwrites, and so come before it.
#pragma once

#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/activation_jet.hpp"
#include "jetpinn/kernels/jet_program.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

// Everything that an activation or a gate reads and writes; arrays as in JetTile.
template <class T, class Space = HostSpace>
struct CoefficientSweep {
  JetTile tile;
  Pointer<const T, Space> adjoint = nullptr;         // hbar
  Pointer<const T, Space> z = nullptr;               // activation: as its forward left it, the memo in slot 0
  Pointer<const T, Space> u = nullptr, v = nullptr;  // gate
  Pointer<double, Space> slots = nullptr;            // slotbar of slot s, point p at s * stride + p: added to
  std::int64_t stride = 0;
  Pointer<double, Space> partial = nullptr;  // a device's scratch of sums (device_coefficients.hpp)
};

// The only ones that a product of jets has.
std::vector<JetMonomial> monomials_of_degree_two(const std::vector<JetMonomial>& monomials);

// monomials: those whose slots are wanted; each has a slot. A gate's are of degree 2.
template <class T>
void activation_coefficients_reverse(Stream stream, Activation activation, const std::vector<JetMonomial>& monomials,
                                     const CoefficientSweep<T>& sweep);
template <class T>
void gate_coefficients_reverse(Stream stream, const std::vector<JetMonomial>& monomials, const CoefficientSweep<T>& sweep);

// xbar[e * stride + p], overwritten; channel, feature: [pairs].
template <class T>
void features_reverse(Stream stream, JetTile tile, const std::vector<int>& channel, const std::vector<int>& feature,
                      const T* weights, const T* adjoint, T* xbar, std::int64_t stride);

// Per unit and point.
template <class T>
double activation_coefficients_flop(Activation activation, const std::vector<JetMonomial>& monomials);
double gate_coefficients_flop(const std::vector<JetMonomial>& monomials);

}  // namespace jetpinn
