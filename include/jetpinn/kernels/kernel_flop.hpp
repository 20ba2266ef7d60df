// Floating-point operations of the kernels per value, as their sources write them: additions, multiplications, divisions and
// negations count one each, comparisons, selections and bit patterns none. T decides the lengths of the polynomials.
#pragma once

#include "jetpinn/kernels/activation_kind.hpp"
#include "jetpinn/kernels/jet_program.hpp"
#include "jetpinn/kernels/pack_flop.hpp"
#include "jetpinn/kernels/tape_program.hpp"

#include <vector>

namespace jetpinn {

template <class T>
double sincos_flop();

// s[0..order] from the memo, and the memo itself (activation.hpp).
template <class T>
double activation_derivatives_flop(Activation activation, int order);
template <class T>
double activation_memo_flop(Activation activation);

// Per unit and point (formulas: activation_jet.hpp).
template <class T>
double jet_forward_flop(Activation activation, const JetProgram& program);
template <class T>
double jet_reverse_flop(Activation activation, const JetProgram& program);
template <class T>
double jet_tangent_flop(Activation activation, const JetProgram& program);   // activation_tangent.hpp

// Per point: every instruction once; and in the reverse for each operand that an adjoint is passed on to (plan_adjoints).
template <class T>
double tape_forward_flop(const TapeProgram& program);
template <class T>
double tape_reverse_flop(const TapeProgram& program, const std::vector<bool>& wanted_inputs);

}  // namespace jetpinn
