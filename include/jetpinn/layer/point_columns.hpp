// What a chunk's points alone decide: coordinates, point-dependent coefficients of operators, and what activations make of
// these.
#pragma once

#include "jetpinn/base/arithmetic.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/device_jets.hpp"
#include "jetpinn/kernels/device_tape.hpp"
#include "jetpinn/kernels/jet_coefficients.hpp"
#include "jetpinn/kernels/tape.hpp"
#include "jetpinn/plan/jet_plan.hpp"
#include "jetpinn/runtime/device.hpp"

#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

namespace jetpinn {

// What PointColumns has on a device beside: the coordinates there, and the tape of the coefficients.
template <class A>
struct PointsThere {
  using Space = typename A::Space;
  PointsThere(const TermProgram& program, std::int64_t chunk, PoolOf<A>& pool, Stream stream)
      : coordinates(pool.template allocate<double>(program.dimensions * chunk)),
        slots(stream, pool, program.coefficients, chunk, {}) {}
  DevicePointer<double, Space> coordinates;
  DeviceTape<double, Space> slots;
};
// On a host: nothing.
struct PointsHere {
  template <class Pool>
  PointsHere(const TermProgram&, std::int64_t, Pool&, Stream) {}
};

template <class A>
class PointColumns {
 public:
  using T = typename A::Storage;
  using Space = typename A::Space;

  // For chunks of at most `chunk` points. The program outlives it. along: coefficients in the interpreter's order too.
  PointColumns(const TermProgram& program, std::int64_t chunk, PoolOf<A>& pool, Stream stream, bool along = false);

  // coordinates[d * stride + i] of points 0 .. points - 1, on the host; they must stay while the chunk is swept.
  void load(Stream stream, const double* coordinates, std::int64_t stride, std::int64_t points);

  Pointer<const double, Space> coordinate(int d) const { return coordinates_ + d * stride_; }
  // [points] a coefficient of the plan
  Pointer<const double, Space> slot(int s) const { return slots_ + s * chunk_; }
  const std::vector<Column<const T>>& inputs() const { return inputs_; }  // [dimensions] coordinates in T

  // The coefficients of the program's monomials for points from `first` on, [points, coefficient_stride()]; stride 0: alike
  // for all points.
  ConstPlace<A> coefficients(std::int64_t first) const;
  std::int64_t coefficient_stride() const { return coefficients_.per_point() ? coefficients_.monomials() : 0; }
  // The same in the interpreter's order, for tangents: of monomials sorted by target. A device has no other.
  ConstPlace<A> interpreted(std::int64_t first) const;
  std::int64_t interpreted_stride() const;
  const DynamicJetTables& tables() const { return interpreted_->tables(); }   // on a host
  const auto& jet_program() const { return coefficients_; }
  double flop() const;  // per point

 private:
  void fill_slots(Stream stream, std::int64_t points);

  const TermProgram& program_;
  const std::int64_t chunk_;
  std::conditional_t<Space::host, JetCoefficients<T>, DeviceJetProgram<T, Space>> coefficients_;
  std::optional<JetCoefficients<T>> interpreted_;
  Pointer<const double, Space> coordinates_ = nullptr;
  std::int64_t stride_ = 0;
  Place<A> cast_ = nullptr;                 // [dimensions, chunk] coordinates, where T is not double
  Pointer<double, Space> slots_ = nullptr;  // [slots, chunk]
  Place<A> slots_cast_ = nullptr;           // [slots, chunk]
  Place<A> varying_ = nullptr, varying_interpreted_ = nullptr;   // [chunk, monomials], where they vary
  std::vector<Column<const T>> inputs_;
  std::conditional_t<Space::host, PointsHere, PointsThere<A>> there_;
};

}  // namespace jetpinn
