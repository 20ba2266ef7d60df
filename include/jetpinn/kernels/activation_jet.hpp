// An activation applied to jets, forward and reverse (formulas: jet_program.hpp).
//
// For h_0 = s(z_0 + b), h_c = s' z_c + sum_m k_m s^(d_m) prod_f z_f and adjoints hbar, with Q_n = sum over monomials of
// degree n of k_m hbar_target prod_f z_f and Q_1 = sum_c z_c hbar_c:
//   zbar_0 = s' hbar_0 + sum_n s^(n+1) Q_n,   zbar_c = s' hbar_c + sum_m k_m s^(d_m) hbar_target d(prod_f z_f)/dz_c.
// Two instantiations of it: structures known at compile time keep everything in registers (jet_structures.hpp), an
// interpreter takes every other program.
#pragma once

#include "jetpinn/base/space.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/activation_kind.hpp"
#include "jetpinn/kernels/jet_coefficients.hpp"
#include "jetpinn/kernels/jet_program.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

// A tile of points of one layer: arrays are [channels, points, width], width a multiple of
// pack_lanes<T>, rows aligned to packs.
struct JetTile {
  std::int64_t points = 0, width = 0;
};

// Everything one sweep reads and writes.
template <class T, class Space = HostSpace>
struct JetSweep {
  JetTile tile;
  Pointer<const T, Space> coefficients = nullptr;  // k_m in the kernel's order; row p begins at
                                                   // coefficients + p * coefficient_stride
  std::int64_t coefficient_stride = 0;             // 0: the same for every point
  Pointer<const T, Space> bias = nullptr;          // [width], forward only
  Pointer<T, Space> z = nullptr;                   // forward: pre-activation without bias; slot 0 is
                                                   // overwritten by the memo the reverse reads
  Pointer<T, Space> h = nullptr;                   // out: activated jets. Forward may write over z's tile
                                                   // only if z is not needed again; reverse: null or
                                                   // recomputed h
  Pointer<T, Space> adjoint = nullptr;             // reverse: hbar in, zbar out
  Pointer<T, Space> bias_gradient = nullptr;       // reverse: [width] += sum over points of zbar_0
  Pointer<T, Space> partial = nullptr;             // a device's reverse: scratch, [sum_runs(points), width]
};

template <class T>
using JetKernel = void (*)(const JetSweep<T>&, const DynamicJetTables*);

// The two kernels of one activation and structure.
template <class T>
struct JetKernels {
  JetKernel<T> forward = nullptr, reverse = nullptr;
};

template <class T>
class ActivationJet {
 public:
  // use_static false: the interpreter even where a compiled structure fits (tests compare the two).
  ActivationJet(Activation activation, const JetProgram& program, bool use_static = true);

  int channels() const { return coefficients_.tables().channels; }
  bool compiled() const { return coefficients_.compiled(); }
  const JetCoefficients<T>& coefficients() const { return coefficients_; }   // the sweep's, in the kernel's order

  void forward(Stream stream, const JetSweep<T>& sweep) const;
  void reverse(Stream stream, const JetSweep<T>& sweep) const;

 private:
  JetCoefficients<T> coefficients_;
  JetKernels<T> kernels_;
};

// The kernels of one activation: compiled structures in the order of JetStructures, then the
// interpreter. One source file each.
template <class T, Activation A>
const std::vector<JetKernels<T>>& jet_kernels();

}  // namespace jetpinn
