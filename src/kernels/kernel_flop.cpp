#include "jetpinn/kernels/kernel_flop.hpp"

#include "jetpinn/kernels/pack_math.hpp"
#include "jetpinn/kernels/tape_tile.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <utility>

namespace jetpinn {
namespace {

// Horner's rule.
template <class T, std::size_t N>
constexpr double horner(const T (&)[N]) {
  return 2.0 * (N - 1);
}

// The functions of pack_math.hpp, line by line.
template <class T>
struct FunctionFlop {
  using C = PackConstants<T>;
  static constexpr double reduced_exp = 2 + 1 + 4 + 3 + horner(C::exp_tail);   // shifted, k, r, r + r r p(r)
  static constexpr double exp = reduced_exp + 2;
  static constexpr double tanh = 1 + reduced_exp + 3 + 2;                      // 2 x, minus_one, the quotient
  static constexpr double sincos = 2 + 1 + 6 + 1 + 3 + horner(C::sin_tail) + 5 + horner(C::cos_tail);
  static constexpr double log1p_unit = 2 + 1 + 4 + horner(C::atanh_tail);
  static constexpr double log = 1 + 3 + 1 + 1 + 3 + 4 + horner(C::atanh_tail); // k, s, w, the sum
  static constexpr double normal = 1 + 2 + exp + 3 + 1 + horner(C::normal_tail) + 2;
};

// The polynomials of tanh_derivatives up to an order, tanh itself given.
constexpr double tanh_polynomials[] = {0, 2, 4, 7, 11, 16};
constexpr double gelu_polynomials[] = {2, 4, 6, 9, 12, 17};   // inner^2 and s[0] first

template <class T>
double sigmoid_flop(int order) {
  return 1 + FunctionFlop<T>::tanh + tanh_polynomials[order] + 2 + order;
}

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

double operation_flop(TapeOp op, double sincos, double exp, double log, double tanh) {
  switch (op) {
    case TapeOp::constant: case TapeOp::input: case TapeOp::where: case TapeOp::minimum: case TapeOp::maximum: case TapeOp::sign:
    case TapeOp::step: case TapeOp::abs: case TapeOp::less: case TapeOp::less_equal: case TapeOp::equal: case TapeOp::not_equal:
    case TapeOp::logical_and: case TapeOp::logical_or: case TapeOp::logical_not:
      return 0;
    case TapeOp::add: case TapeOp::subtract: case TapeOp::multiply: case TapeOp::divide: case TapeOp::negate: case TapeOp::square:
    case TapeOp::sqrt:
      return 1;
    case TapeOp::modulo: return 3;
    case TapeOp::sin: case TapeOp::cos: return sincos;
    case TapeOp::exp: return exp;
    case TapeOp::log: return log;
    case TapeOp::tanh: return tanh;
    default: return library_function_flop;
  }
}

// The adjoint that one operand (0: a, 1: b, 2: c) receives, with the addition.
double operand_flop(TapeOp op, int operand, double sincos) {
  switch (op) {
    case TapeOp::add: case TapeOp::minimum: case TapeOp::maximum: case TapeOp::where: return 1;
    case TapeOp::subtract: return operand == 0 ? 1 : 2;
    case TapeOp::multiply: case TapeOp::exp: case TapeOp::log: case TapeOp::abs: case TapeOp::negate: return 2;
    case TapeOp::divide: return operand == 0 ? 2 : 4;
    case TapeOp::square: case TapeOp::sqrt: return 3;
    case TapeOp::tanh: case TapeOp::tan: case TapeOp::atan: return 4;
    case TapeOp::modulo: return operand == 0 ? 1 : 4;
    case TapeOp::sin: case TapeOp::cos: return sincos + 2;
    case TapeOp::asin: case TapeOp::acos: return 5;
    case TapeOp::atan2: return 6;
    case TapeOp::power: return library_function_flop + (operand == 0 ? 4 : 3);
    case TapeOp::sinh: case TapeOp::cosh: case TapeOp::erf: return library_function_flop + 2;
    default: return 0;
  }
}

}  // namespace

template <class T>
double sincos_flop() {
  return FunctionFlop<T>::sincos;
}

template <class T>
double activation_memo_flop(Activation activation) {
  return activation == Activation::tanh ? FunctionFlop<T>::tanh : 0;
}

template <class T>
double activation_derivatives_flop(Activation activation, int order) {
  using F = FunctionFlop<T>;
  switch (activation) {
    case Activation::tanh: return tanh_polynomials[order];
    case Activation::sin: return F::sincos + (order >= 2 ? 1 : 0) + (order >= 3 ? 1 : 0);
    case Activation::silu: return sigmoid_flop<T>(order) + 1 + 3.0 * order;
    case Activation::gelu: return F::normal + gelu_polynomials[order];
    case Activation::softplus: return (order >= 1 ? sigmoid_flop<T>(order - 1) : 0) + 1 + F::exp + F::log1p_unit;
  }
  return 0;
}

template <class T>
double jet_forward_flop(Activation activation, const JetProgram& program) {
  return 1 + activation_memo_flop<T>(activation) + activation_derivatives_flop<T>(activation, program.degree) + activate_flop(program);
}

// zbar_c = s' hbar_c; Q_1 and zbar_0 where there are derivatives; a slope and a part of Q for each sum; each monomial once for each of its
// different factors; the bias.
template <class T>
double jet_reverse_flop(Activation activation, const JetProgram& program) {
  double flop = activation_derivatives_flop<T>(activation, program.degree + 1) + activate_flop(program) + program.channels;
  if (program.channels > 1) flop += 2.0 * (program.channels - 1) + 2.0 * program.degree;
  flop += 3 * distinct_sums(program);
  for (const JetMonomial& m : program.monomials) {
    for (int i = 0; i < m.degree; ++i) {
      const auto same = std::count(m.factor, m.factor + m.degree, m.factor[i]);
      if (std::find(m.factor, m.factor + i, m.factor[i]) == m.factor + i) flop += std::max(m.degree - 2, 0) + 3 + (same > 1 ? 1 : 0);
    }
  }
  return flop + 1;
}

template <class T>
double tape_forward_flop(const TapeProgram& program) {
  using F = FunctionFlop<T>;
  double flop = 0;
  for (const TapeInstruction& instruction : program.instructions) flop += operation_flop(instruction.op, F::sincos, F::exp, F::log, F::tanh);
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
        flop += operand_flop(instruction.op, k, FunctionFlop<T>::sincos);
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
  template double tape_forward_flop<T>(const TapeProgram&);                 \
  template double tape_reverse_flop<T>(const TapeProgram&, const std::vector<bool>&);
JETPINN_INSTANTIATE(float)
JETPINN_INSTANTIATE(double)
#undef JETPINN_INSTANTIATE

}  // namespace jetpinn
