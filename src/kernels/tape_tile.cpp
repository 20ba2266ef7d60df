#include "jetpinn/kernels/tape_tile.hpp"

#include "jetpinn/kernels/function_table.hpp"
#include "jetpinn/kernels/tape_operators.hpp"
#include "jetpinn/kernels/tape_rows.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {

namespace {

bool is_leaf(TapeOp op) { return op == TapeOp::constant || op == TapeOp::input; }

// Operands that a derivative passes through, as bits.
int passing_operands(TapeOp op) {
  if (function_of(op) >= 0) return function_table[static_cast<std::size_t>(function_of(op))].passes;
  switch (op) {
    case TapeOp::less: case TapeOp::less_equal: case TapeOp::equal: case TapeOp::not_equal: case TapeOp::logical_and:
    case TapeOp::logical_or: case TapeOp::logical_not: case TapeOp::constant: case TapeOp::input:
      return 0;
    default: return 0b111;
  }
}

template <class T>
Pack<T> truth(PackBits<T> condition) {
  return condition ? splat<T>(1) : splat<T>(0);
}

}  // namespace

TapeAdjointPlan plan_adjoints(const TapeProgram& program, const std::vector<bool>& wanted_inputs) {
  const auto& instructions = program.instructions;
  std::vector<bool> depends(instructions.size(), false), leads(instructions.size(), false);
  for (std::size_t i = 0; i < instructions.size(); ++i) {
    const TapeInstruction& instruction = instructions[i];
    if (instruction.op == TapeOp::input) {
      depends[i] = wanted_inputs[static_cast<std::size_t>(instruction.a)];
    } else {
      const std::int32_t operands[] = {instruction.a, instruction.b, instruction.c};
      for (int k = 0; k < 3; ++k) {
        const bool passes = passing_operands(instruction.op) >> k & 1;
        if (passes && operands[k] >= 0 && depends[static_cast<std::size_t>(operands[k])]) depends[i] = true;
      }
    }
  }
  for (std::int32_t output : program.outputs) leads[static_cast<std::size_t>(output)] = true;
  TapeAdjointPlan plan;
  plan.slot.assign(instructions.size(), -1);
  for (std::size_t i = instructions.size(); i-- > 0;) {
    if (!leads[i] || !depends[i]) continue;
    plan.slot[i] = plan.slots++;
    const TapeInstruction& instruction = instructions[i];
    if (is_leaf(instruction.op)) continue;
    for (std::int32_t operand : {instruction.a, instruction.b, instruction.c}) {
      if (operand >= 0) leads[static_cast<std::size_t>(operand)] = true;
    }
  }
  return plan;
}

template <class T>
TapeTile<T>::TapeTile(const TapeProgram& program, T* values, const TapeAdjointPlan* adjoint_plan, T* adjoints)
    : program_(program), plan_(adjoint_plan), values_(values), adjoints_(adjoints), at_(program.instructions.size()) {
  for (std::size_t i = 0; i < at_.size(); ++i) {
    T* own = values_ + static_cast<std::int64_t>(i) * tape_tile;
    at_[i] = own;
    const TapeInstruction& instruction = program_.instructions[i];
    if (instruction.op == TapeOp::constant) std::fill(own, own + tape_tile, static_cast<T>(instruction.value));
  }
}

template <class T>
void TapeTile<T>::load_input(T* to, const Column<const T>& column, std::int64_t first, int count) {
  const T* from = column.data + first * column.stride;
  for (int i = 0; i < count; ++i) to[i] = from[i * column.stride];
  for (int i = count; i < length_; ++i) to[i] = to[count - 1];  // pad with a sound value: nobody reads the results
}

template <class T>
void TapeTile<T>::forward(const Column<const T>* inputs, std::int64_t first, int count) {
  length_ = static_cast<int>(padded<T>(count));
  for (std::size_t i = 0; i < at_.size(); ++i) {
    const TapeInstruction& instruction = program_.instructions[i];
    T* own = values_ + static_cast<std::int64_t>(i) * tape_tile;
    if (instruction.op == TapeOp::constant) continue;
    if (instruction.op == TapeOp::input) {
      const Column<const T>& column = inputs[instruction.a];
      const bool in_place = column.stride == 1 && count == length_;
      if (!in_place) load_input(own, column, first, count);
      at_[i] = in_place ? column.data + first : own;
    } else {
      forward_instruction(instruction, own);
    }
  }
}

template <class T>
void TapeTile<T>::forward_instruction(const TapeInstruction& instruction, T* out) {
  using P = Pack<T>;
  const auto operand = [this](std::int32_t index) { return index < 0 ? nullptr : at_[static_cast<std::size_t>(index)]; };
  const T *a = operand(instruction.a), *b = operand(instruction.b), *c = operand(instruction.c);
  const int n = length_;
  switch (instruction.op) {
    case TapeOp::constant: case TapeOp::input: return;
    case TapeOp::add: return map<T>(n, out, a, b, [](P x, P y) { return x + y; });
    case TapeOp::subtract: return map<T>(n, out, a, b, [](P x, P y) { return x - y; });
    case TapeOp::multiply: return map<T>(n, out, a, b, [](P x, P y) { return x * y; });
    case TapeOp::divide: return map<T>(n, out, a, b, [](P x, P y) { return x / y; });
    case TapeOp::negate: return map<T>(n, out, a, [](P x) { return -x; });
    case TapeOp::square: return map<T>(n, out, a, [](P x) { return x * x; });
    case TapeOp::power: return map_scalar<T>(n, out, a, b, [](T x, T y) { return std::pow(x, y); });
    case TapeOp::less: return map<T>(n, out, a, b, [](P x, P y) { return truth<T>(x < y); });
    case TapeOp::less_equal: return map<T>(n, out, a, b, [](P x, P y) { return truth<T>(x <= y); });
    case TapeOp::equal: return map<T>(n, out, a, b, [](P x, P y) { return truth<T>(x == y); });
    case TapeOp::not_equal: return map<T>(n, out, a, b, [](P x, P y) { return truth<T>(x != y); });
    case TapeOp::logical_and: return map<T>(n, out, a, b, [](P x, P y) { return truth<T>((x != T(0)) & (y != T(0))); });
    case TapeOp::logical_or: return map<T>(n, out, a, b, [](P x, P y) { return truth<T>((x != T(0)) | (y != T(0))); });
    case TapeOp::logical_not: return map<T>(n, out, a, [](P x) { return truth<T>(x == T(0)); });
    default: return tape_function<T>(function_of(instruction.op)).forward(n, out, a, b, c);
  }
}

template <class T>
void TapeTile<T>::clear_adjoints() {
  for (std::int32_t slot = 0; slot < plan_->slots; ++slot) {
    T* row = adjoints_ + static_cast<std::int64_t>(slot) * tape_tile;
    std::fill(row, row + length_, T(0));
  }
}

template <class T>
void TapeTile<T>::reverse() {
  for (auto i = static_cast<std::int32_t>(program_.instructions.size()) - 1; i >= 0; --i) {
    if (plan_->slot[static_cast<std::size_t>(i)] >= 0) reverse_instruction(i);
  }
}

// With h = f(a, b, c) and its adjoint g: ga += g df/da and so on.
template <class T>
void TapeTile<T>::reverse_instruction(std::int32_t index) {
  const TapeInstruction& instruction = program_.instructions[static_cast<std::size_t>(index)];
  if (is_leaf(instruction.op)) return;
  const auto value = [this](std::int32_t i) { return i < 0 ? nullptr : at_[static_cast<std::size_t>(i)]; };
  const auto adjoint_of = [this](std::int32_t i) { return i < 0 ? nullptr : adjoint(i); };
  const TapeRows<T> r{length_, value(instruction.a), value(instruction.b), value(instruction.c), value(index),
                      adjoint(index), adjoint_of(instruction.a), adjoint_of(instruction.b), adjoint_of(instruction.c)};
  const int function = function_of(instruction.op);
  if (function >= 0) tape_function<T>(function).adjoint(r);
  else operator_adjoint(instruction.op, r);
}

template <class T>
void TapeTile<T>::store_adjoints(const Column<T>* columns, std::int64_t first, int count) const {
  for (int j = 0; j < program_.inputs; ++j) {
    if (!columns[j].data) continue;
    for (int i = 0; i < count; ++i) columns[j].data[(first + i) * columns[j].stride] = 0;
  }
  for (std::size_t r = 0; r < at_.size(); ++r) {
    const TapeInstruction& instruction = program_.instructions[r];
    if (instruction.op != TapeOp::input) continue;
    const T* row = adjoint(static_cast<std::int32_t>(r));
    const Column<T>& column = columns[instruction.a];
    if (!row || !column.data) continue;
    for (int i = 0; i < count; ++i) column.data[(first + i) * column.stride] += row[i];
  }
}

template class TapeTile<float>;
template class TapeTile<double>;

}  // namespace jetpinn
