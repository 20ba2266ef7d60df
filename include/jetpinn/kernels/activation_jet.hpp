// An activation applied to jets, forward and reverse (formulas: jet_program.hpp).
//
// For h_0 = s(z_0 + b), h_c = s' z_c + sum_m k_m s^(d_m) prod_f z_f and adjoints hbar, with Q_n = sum over monomials of degree n of
// k_m hbar_target prod_f z_f and Q_1 = sum_c z_c hbar_c:
//   zbar_0 = s' hbar_0 + sum_n s^(n+1) Q_n,   zbar_c = s' hbar_c + sum_m k_m s^(d_m) hbar_target d(prod_f z_f)/dz_c.
// Two instantiations of it: structures known at compile time keep everything in registers (jet_structures.hpp), an interpreter takes
// every other program.
#pragma once

#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/activation_kind.hpp"
#include "jetpinn/kernels/jet_program.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

// A tile of points of one layer: arrays are [channels, points, width], width a multiple of pack_lanes<T>, rows aligned to packs.
struct JetTile {
  std::int64_t points = 0, width = 0;
};

// Everything one sweep reads and writes.
template <class T>
struct JetSweep {
  JetTile tile;
  const T* coefficients = nullptr;      // k_m in the kernel's order; row p begins at coefficients + p * coefficient_stride
  std::int64_t coefficient_stride = 0;  // 0: the same for every point
  const T* bias = nullptr;              // [width], forward only
  T* z = nullptr;                       // forward: pre-activation without bias; slot 0 is overwritten by the memo the reverse reads
  T* h = nullptr;                       // out: activated jets. Forward may write over z's tile only if z is not needed again; reverse: null or recomputed h
  T* adjoint = nullptr;                 // reverse: hbar in, zbar out
  T* bias_gradient = nullptr;           // reverse: [width] += sum over points of zbar_0
};

struct DynamicJetTables;
template <class T>
using JetKernel = void (*)(const JetSweep<T>&, const DynamicJetTables*);

// The two kernels of one activation and structure.
template <class T>
struct JetKernels {
  JetKernel<T> forward = nullptr, reverse = nullptr;
};

// The interpreter's view of a program.
struct DynamicJetTables {
  struct Monomial {
    int target, degree, factor[4];
  };
  struct Partial {  // d(monomial)/dz_channel = multiplicity * prod of the other factors
    int monomial, target, degree, others, other[3];
    double multiplicity;
  };
  int channels = 1, degree = 1;                // highest derivative of the activation in the forward sweep, at least 1
  std::vector<Monomial> monomials;            // sorted by target
  std::vector<int> first;                     // [channels + 1] monomials of each target
  std::vector<int> order;                     // channels >= 1, factors before the targets they enter
  std::vector<Partial> partials;              // grouped by channel
  std::vector<int> first_partial;             // [channels + 1]
};

template <class T>
class ActivationJet {
 public:
  // use_static false: the interpreter even where a compiled structure fits (tests compare the two).
  ActivationJet(Activation activation, const JetProgram& program, bool use_static = true);

  int channels() const { return tables_.channels; }
  bool compiled() const { return compiled_; }
  int monomials() const { return static_cast<int>(constant_.size()); }
  bool per_point() const { return per_point_; }   // coefficients vary over points

  // The sweep's coefficients where they do not vary: [monomials].
  const T* coefficients() const { return value_.data(); }
  // k[p * monomials + m] from slot columns: slots[s * stride + p].
  void fill_coefficients(std::int64_t points, const T* slots, std::int64_t stride, T* k) const;

  void forward(Stream stream, const JetSweep<T>& sweep) const;
  void reverse(Stream stream, const JetSweep<T>& sweep) const;

 private:
  JetKernels<T> kernels_;
  DynamicJetTables tables_;
  std::vector<double> constant_;   // [monomials], kernel order
  std::vector<T> value_;           // the same in T
  std::vector<int> slot_;
  bool compiled_ = false, per_point_ = false;
};

// The kernels of one activation: compiled structures in the order of JetStructures, then the interpreter. One source file each.
template <class T, Activation A>
const std::vector<JetKernels<T>>& jet_kernels();

}  // namespace jetpinn
