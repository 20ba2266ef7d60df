// What a chunk's points alone decide: coordinates, point-dependent coefficients of operators, and what activations make of
// these.
#pragma once

#include "jetpinn/base/arithmetic.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/jet_coefficients.hpp"
#include "jetpinn/kernels/tape.hpp"
#include "jetpinn/plan/jet_plan.hpp"
#include "jetpinn/runtime/pool.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace jetpinn {

template <class A>
class PointColumns {
 public:
  using T = typename A::Storage;

  // For chunks of at most `chunk` points. The program outlives it. along: coefficients in the interpreter's order too.
  PointColumns(const TermProgram& program, std::int64_t chunk, Pool& pool, bool along = false);

  // coordinates[d * stride + i] of points 0 .. points - 1; they must stay while the chunk is swept.
  void load(Stream stream, const double* coordinates, std::int64_t stride, std::int64_t points);

  const double* coordinate(int d) const { return coordinates_ + d * stride_; }
  Pointer<const double, typename A::Space> slot(int s) const { return slots_ + s * chunk_; }  // [points], of the plan
  const std::vector<Column<const T>>& inputs() const { return inputs_; }  // [dimensions] coordinates in T

  // The coefficients of the program's monomials for points from `first` on, [points, coefficient_stride()]; stride 0: alike
  // for all points.
  ConstPlace<A> coefficients(std::int64_t first) const;
  std::int64_t coefficient_stride() const { return coefficients_.per_point() ? coefficients_.monomials() : 0; }
  // The same in the interpreter's order, for tangents: of monomials sorted by target.
  ConstPlace<A> interpreted(std::int64_t first) const;
  std::int64_t interpreted_stride() const { return interpreted_->per_point() ? interpreted_->monomials() : 0; }
  const DynamicJetTables& tables() const { return interpreted_->tables(); }
  double flop() const;  // per point

 private:
  const TermProgram& program_;
  const std::int64_t chunk_;
  JetCoefficients<T> coefficients_;
  std::optional<JetCoefficients<T>> interpreted_;
  const double* coordinates_ = nullptr;
  std::int64_t stride_ = 0;
  Place<A> cast_ = nullptr;                             // [dimensions, chunk] coordinates, where T is not double
  Pointer<double, typename A::Space> slots_ = nullptr;  // [slots, chunk]
  Place<A> slots_cast_ = nullptr;                       // [slots, chunk]
  Place<A> varying_ = nullptr, varying_interpreted_ = nullptr;   // [chunk, monomials], where they vary
  std::vector<Column<const T>> inputs_;
};

}  // namespace jetpinn
