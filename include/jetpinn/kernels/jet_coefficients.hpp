// Which compiled structure serves a jet program, and the program's coefficients in that structure's order.
#pragma once

#include "jetpinn/kernels/jet_program.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn {

// The interpreter's view of a program.
struct DynamicJetTables {
  struct Monomial {
    int target, degree, factor[max_order];  // [degree]
  };
  struct Partial {  // d(monomial)/dz_channel = multiplicity * prod of the other factors
    int monomial, target, degree, others, other[max_order - 1];  // [others]
    double multiplicity;
  };
  int channels = 1, degree = 1;     // highest derivative of the activation in the forward sweep, at least 1
  std::vector<Monomial> monomials;  // sorted by target
  std::vector<int> first;           // [channels + 1] monomials of each target
  std::vector<int> order;           // channels >= 1, factors before the targets they enter
  std::vector<Partial> partials;    // grouped by channel
  std::vector<int> first_partial;   // [channels + 1]
};

template <class T>
class JetCoefficients {
 public:
  // use_static false: the interpreter even where a compiled structure fits (tests compare the two).
  explicit JetCoefficients(const JetProgram& program, bool use_static = true);

  std::size_t structure() const { return structure_; }  // a place in JetStructures; their number: the interpreter
  bool compiled() const { return compiled_; }
  const DynamicJetTables& tables() const { return tables_; }
  int monomials() const { return static_cast<int>(constant_.size()); }
  bool per_point() const { return per_point_; }  // coefficients vary over points

  // Where they do not vary: [monomials].
  const T* constant() const { return value_.data(); }
  const std::vector<int>& slots() const { return slot_; }   // [monomials] which slot column a coefficient takes; -1: none
  // k[p * monomials + m] from slot columns: slots[s * stride + p].
  void fill(std::int64_t points, const T* slots, std::int64_t stride, T* k) const;
  // The same for changes of slots: a coefficient without a slot does not change.
  void fill_changes(std::int64_t points, const T* slots, std::int64_t stride, T* k) const;

 private:
  DynamicJetTables tables_;
  std::vector<double> constant_;  // [monomials], kernel order
  std::vector<T> value_;          // the same in T
  std::vector<int> slot_;
  std::size_t structure_ = 0;
  bool compiled_ = false, per_point_ = false;
};

}  // namespace jetpinn
