// What a chunk's points alone decide: coordinates, point-dependent coefficients of operators, and what activations make of
// these. Points of a second site are swept behind those of the first, so that layers know nothing of sites.
#pragma once

#include "jetpinn/base/arithmetic.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/device_jets.hpp"
#include "jetpinn/kernels/device_tape.hpp"
#include "jetpinn/kernels/jet_coefficients.hpp"
#include "jetpinn/kernels/tape.hpp"
#include "jetpinn/layer/slot_columns.hpp"
#include "jetpinn/layer/term_columns.hpp"
#include "jetpinn/plan/jet_plan.hpp"
#include "jetpinn/runtime/device.hpp"

#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

namespace jetpinn {

template <class A>
class PointColumns {
 public:
  using T = typename A::Storage;
  using Space = typename A::Space;

  // For chunks of at most `chunk` swept points. The program outlives it. along: for sweeps along directions too, which read
  // coefficients in the interpreter's order and know how they change.
  PointColumns(const TermProgram& program, std::int64_t chunk, PoolOf<A>& pool, Stream stream, bool along = false);

  // The points of all sites; what the range and the numbers refer to must stay while the chunk is swept.
  void load(Stream stream, const TermRange& range, const RunNumbers& numbers);
  // After load: how the coefficients change along a direction of the trainables.
  void load_changes(Stream stream, const std::vector<double>& direction);

  std::int64_t points() const { return points_; }   // that are swept
  Pointer<const double, Space> coordinate(int d) const { return coordinates_ + d * stride_; }
  const std::vector<Column<const T>>& inputs() const { return inputs_; }  // [dimensions] coordinates in T
  const SlotColumns<A>& slots() const { return slots_; }                  // the plan's coefficients
  SlotColumns<A>& slots() { return slots_; }

  // The coefficients of the program's monomials for points from `first` on, [points, coefficient_stride()]; stride 0: alike
  // for all points.
  ConstPlace<A> coefficients(std::int64_t first) const;
  std::int64_t coefficient_stride() const { return coefficients_.per_point() ? coefficients_.monomials() : 0; }
  // The same in the interpreter's order, for tangents: of monomials sorted by target. A device has no other.
  ConstPlace<A> interpreted(std::int64_t first) const;
  std::int64_t interpreted_stride() const;
  // The changes of these; null where no coefficient changes.
  ConstPlace<A> coefficient_changes(std::int64_t first) const;
  const DynamicJetTables& tables() const { return interpreted_->tables(); }   // on a host
  const auto& jet_program() const { return coefficients_; }
  double flop() const { return slots_.flop(); }  // per point
  double reverse_flop() const { return slots_.reverse_flop(); }

 private:
  void load_coordinates(Stream stream, const TermRange& range);
  void place_coordinates(Stream stream, const TermRange& range);

  const TermProgram& program_;
  const std::int64_t chunk_;
  std::conditional_t<Space::host, JetCoefficients<T>, DeviceJetProgram<T, Space>> coefficients_;
  std::optional<JetCoefficients<T>> interpreted_;
  SlotColumns<A> slots_;
  Pointer<const double, Space> coordinates_ = nullptr;
  std::int64_t stride_ = 0, points_ = 0;
  Pointer<double, Space> places_ = nullptr;  // [dimensions, chunk] coordinates of all sites, where there are two or a device
  Place<A> cast_ = nullptr;                  // [dimensions, chunk] coordinates, where T is not double
  Place<A> varying_ = nullptr, varying_interpreted_ = nullptr, changes_ = nullptr;   // [chunk, monomials], where they vary
  std::vector<Column<const T>> inputs_;
};

}  // namespace jetpinn
