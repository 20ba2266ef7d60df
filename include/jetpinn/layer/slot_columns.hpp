// The plan's coefficients that differ from point to point, by the tape that computes them; their adjoints, taken back to the
// trainables in them; and their changes along a direction of these.
#pragma once

#include "jetpinn/base/arithmetic.hpp"
#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/device_tape.hpp"
#include "jetpinn/kernels/tape.hpp"
#include "jetpinn/layer/staged.hpp"
#include "jetpinn/layer/term_columns.hpp"
#include "jetpinn/plan/jet_plan.hpp"
#include "jetpinn/runtime/device.hpp"

#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

namespace jetpinn {

struct NoTape {};   // what a host has in place of a device's

// All columns are of the points that are swept, those of a second site behind those of the first, and computed in fp64.
template <class A>
class SlotColumns {
 public:
  using T = typename A::Storage;

  using Space = typename A::Space;

  // For chunks of at most `chunk` swept points. The program outlives it. along: with changes too.
  SlotColumns(const TermProgram& program, std::int64_t chunk, PoolOf<A>& pool, Stream stream, bool along);

  // coordinates[d * stride + i] of the swept points.
  void load(Stream stream, const TermRange& range, const RunNumbers& numbers, Pointer<const double, Space> coordinates,
            std::int64_t stride);
  Pointer<const double, Space> at(int slot) const { return slots_ + slot * chunk_; }
  ConstPlace<A> cast() const { return cast_; }  // [slots, chunk]

  // --- adjoints: of coefficients with trainables in them; what has none pays nothing
  bool trained() const { return static_cast<bool>(adjoints_); }
  const std::vector<JetMonomial>& trained_monomials() const { return trained_; }  // of the program, empty without adjoints
  bool trained(int slot) const {
    return trained() && slot >= 0 && program_.plan.trained_slots[static_cast<std::size_t>(slot)];
  }
  void begin_reverse(Stream stream);
  // Layers add to it; slots lie stride() apart.
  Pointer<double, Space> adjoint(int slot) const { return adjoints_ + slot * chunk_; }
  std::int64_t stride() const { return chunk_; }
  // trainables[k] += sum over the swept points, in their order; on a device in two stages.
  void add_trainables(Stream stream, Pointer<double, Space> trainables);

  // --- changes, of sweeps along a direction; null: no coefficient changes
  void load_changes(Stream stream, const std::vector<double>& direction);
  ConstPlace<A> changes() const { return changes_; }  // [slots, chunk]

  double flop() const;  // per point
  double reverse_flop() const;

 private:
  void make_tape(Stream stream, PoolOf<A>& pool, const std::vector<bool>& wanted);
  void bind(Stream stream, const TermRange& range, const RunNumbers& numbers, Pointer<const double, Space> coordinates,
            std::int64_t stride);
  Column<const double> bind_points(Stream stream, std::size_t k, const TermRange& range);
  void reverse_tape(Stream stream, const std::vector<Column<const double>>& cotangents);
  void add_change(Stream stream, std::size_t input, double along, Place<A> change);

  const TermProgram& program_;
  const std::int64_t chunk_;
  std::int64_t points_ = 0;
  std::vector<JetMonomial> trained_;
  // Of the coefficients, on a device.
  std::optional<std::conditional_t<Space::host, NoTape, DeviceTape<double, Space>>> tape_;
  Pointer<double, Space> slots_ = nullptr;                  // [slots, chunk]
  Place<A> cast_ = nullptr;                                 // [slots, chunk]
  Place<A> changes_ = nullptr;                              // [slots, chunk]
  Pointer<double, Space> paired_ = nullptr;                 // [inputs, chunk] columns of both sites, or of a device
  Pointer<double, Space> adjoints_ = nullptr;               // [slots, chunk]
  Pointer<double, Space> by_trainable_ = nullptr;           // [inputs, chunk] what the tape's reverse gives for trainables
  Pointer<double, Space> one_ = nullptr;                    // the number, which seeds a slot's reverse
  Pointer<double, Space> sum_ = nullptr;                    // [chunk] a device's scratch of changes and of sums over points
  Staged<double, Space> numbers_;           // [inputs] values of those that are alike for all points
  std::vector<Column<const double>> inputs_;
  std::vector<Column<double>> input_adjoints_;
};

}  // namespace jetpinn
