#include "jetpinn/kernels/kernel_flop.hpp"

#include "jetpinn/kernels/activation.hpp"
#include "jetpinn/kernels/function_table.hpp"
#include "jetpinn/kernels/tape_tile.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <utility>

namespace jetpinn {
namespace {

// Sums that a monomial enters: pairs of target and degree.
double distinct_sums(const JetProgram& program) {
  std::set<std::pair<int, int>> sums;
  for (const JetMonomial& m : program.monomials) sums.insert({m.target, m.degree});
  return static_cast<double>(sums.size());
}

// h from z and s: s' z_c; each monomial its product and a multiply-add; each sum a multiply-add.
double activate_flop(const JetProgram& program) {
  double flop = program.channels - 1 + 2 * distinct_sums(program);
  for (const JetMonomial& m : program.monomials) flop += (m.degree - 1) + 2;
  return flop;
}

template <class T>
double operation_flop(TapeOp op) {
  if (function_of(op) >= 0) return tape_function<T>(function_of(op)).flop;
  switch (op) {
    case TapeOp::add:
    case TapeOp::subtract:
    case TapeOp::multiply:
    case TapeOp::divide:
    case TapeOp::negate:
    case TapeOp::square:
      return 1;
    case TapeOp::power: return library_function_flop;
    default: return 0;
  }
}

// The adjoint that one operand (0: a, 1: b, 2: c) receives, with the addition.
template <class T>
double operand_flop(TapeOp op, int operand) {
  if (function_of(op) >= 0) return tape_function<T>(function_of(op)).adjoint_flop[operand];
  switch (op) {
    case TapeOp::add: return 1;
    case TapeOp::subtract: return operand == 0 ? 1 : 2;
    case TapeOp::multiply: case TapeOp::negate: return 2;
    case TapeOp::divide: return operand == 0 ? 2 : 4;
    case TapeOp::square: return 3;
    case TapeOp::power: return library_function_flop + (operand == 0 ? 4 : 3);
    default: return 0;
  }
}

}  // namespace

template <class T>
double sincos_flop() {
  return PackFlop<T>::sincos;
}

template <class T>
double activation_memo_flop(Activation activation) {
  return with_activation(activation, [](auto f) { return decltype(f)::template memo_flop<T>(); });
}

template <class T>
double activation_derivatives_flop(Activation activation, int order) {
  return with_activation(activation, [order](auto f) { return decltype(f)::template derivatives_flop<T>(order); });
}

template <class T>
double jet_forward_flop(Activation activation, const JetProgram& program) {
  return 1 + activation_memo_flop<T>(activation) + activation_derivatives_flop<T>(activation, program.degree) +
         activate_flop(program);
}

// zbar_c = s' hbar_c; Q_1 and zbar_0 where there are derivatives; a slope and a part of Q for each sum; each monomial once
// for each of its different factors; the bias.
template <class T>
double jet_reverse_flop(Activation activation, const JetProgram& program) {
  double flop = activation_derivatives_flop<T>(activation, program.degree + 1) + activate_flop(program) + program.channels;
  if (program.channels > 1) flop += 2.0 * (program.channels - 1) + 2.0 * program.degree;
  flop += 3 * distinct_sums(program);
  for (const JetMonomial& m : program.monomials) {
    for (int i = 0; i < m.degree; ++i) {
      const auto same = std::count(m.factor, m.factor + m.degree, m.factor[i]);
      if (std::find(m.factor, m.factor + i, m.factor[i]) == m.factor + i)
        flop += std::max(m.degree - 2, 0) + 3 + (same > 1 ? 1 : 0);
    }
  }
  return flop + 1;
}

// All five derivatives; e = dz_0 + db and s' e; s'' e z_c + s' dz_c; each monomial with each of its factors changed in turn,
// its coefficient and the sum.
template <class T>
double jet_tangent_flop(Activation activation, const JetProgram& program) {
  double flop = activation_derivatives_flop<T>(activation, 5) + 2 + 4.0 * (program.channels - 1);
  for (const JetMonomial& m : program.monomials) flop += (1 + m.degree) + m.degree * (m.degree + 1) + 2;
  return flop;
}

template <class T>
double tape_forward_flop(const TapeProgram& program) {
  double flop = 0;
  for (const TapeInstruction& instruction : program.instructions) flop += operation_flop<T>(instruction.op);
  return flop;
}

template <class T>
double tape_reverse_flop(const TapeProgram& program, const std::vector<bool>& wanted_inputs) {
  const TapeAdjointPlan plan = plan_adjoints(program, wanted_inputs);
  double flop = 0;
  for (std::size_t i = 0; i < program.instructions.size(); ++i) {
    const TapeInstruction& instruction = program.instructions[i];
    if (plan.slot[i] < 0 || instruction.op == TapeOp::constant || instruction.op == TapeOp::input) continue;
    const std::int32_t operands[] = {instruction.a, instruction.b, instruction.c};
    for (int k = 0; k < 3; ++k) {
      if (operands[k] >= 0 && plan.slot[static_cast<std::size_t>(operands[k])] >= 0)
        flop += operand_flop<T>(instruction.op, k);
    }
  }
  return flop;
}

#define JETPINN_INSTANTIATE(T)                                              \
  template double sincos_flop<T>();                                         \
  template double activation_memo_flop<T>(Activation);                      \
  template double activation_derivatives_flop<T>(Activation, int);          \
  template double jet_forward_flop<T>(Activation, const JetProgram&);       \
  template double jet_reverse_flop<T>(Activation, const JetProgram&);       \
  template double jet_tangent_flop<T>(Activation, const JetProgram&);       \
  template double tape_forward_flop<T>(const TapeProgram&);                 \
  template double tape_reverse_flop<T>(const TapeProgram&, const std::vector<bool>&);
JETPINN_INSTANTIATE(float)
JETPINN_INSTANTIATE(double)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
