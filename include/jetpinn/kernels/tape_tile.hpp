// One tile of points of a tape: every instruction is a loop over the tile, so that its cost of dispatch is shared by many
// points and its values stay in the nearest caches between instructions.
#pragma once

#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/kernels/tape.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

inline constexpr int tape_tile = 128;  // points; a multiple of every pack's lanes, a divisor of block_points

// Which registers the reverse sweep passes through: those that an output depends on and that depend on a wanted input.
struct TapeAdjointPlan {
  std::vector<std::int32_t> slot;  // [instructions] place among the adjoint registers, or -1
  std::int32_t slots = 0;
};
TapeAdjointPlan plan_adjoints(const TapeProgram& program, const std::vector<bool>& wanted_inputs);

// Works on scratch memory that the caller owns: values [instructions, tape_tile], adjoints [slots, tape_tile].
template <class T>
class TapeTile {
 public:
  TapeTile(const TapeProgram& program, T* values, const TapeAdjointPlan* adjoint_plan = nullptr, T* adjoints = nullptr);

  // Points first .. first + count - 1 of the columns, count <= tape_tile.
  void forward(const Column<const T>* inputs, std::int64_t first, int count);

  // After forward: adjoints of the outputs are added by the caller between clear_adjoints and reverse.
  void clear_adjoints();
  void reverse();
  // Writes the adjoints of the wanted inputs.
  void store_adjoints(const Column<T>* columns, std::int64_t first, int count) const;

  const T* output(std::size_t k) const { return at_[static_cast<std::size_t>(program_.outputs[k])]; }
  // The adjoint register of an output; null where nothing wanted depends on it.
  T* output_adjoint(std::size_t k) const { return adjoint(program_.outputs[k]); }

 private:
  T* adjoint(std::int32_t index) const {
    const std::int32_t slot = plan_ ? plan_->slot[static_cast<std::size_t>(index)] : -1;
    return slot < 0 ? nullptr : adjoints_ + static_cast<std::int64_t>(slot) * tape_tile;
  }
  void load_input(T* to, const Column<const T>& column, std::int64_t first, int count);
  void forward_instruction(const TapeInstruction& instruction, T* out);
  void reverse_instruction(std::int32_t index);

  const TapeProgram& program_;
  const TapeAdjointPlan* plan_;
  T* values_;
  T* adjoints_;
  std::vector<const T*> at_;  // [instructions] where a register's values lie: in values_ or in an input column
  int length_ = 0;            // points of the present tile, rounded up to whole packs
};

extern template class TapeTile<float>;
extern template class TapeTile<double>;

}  // namespace jetpinn
