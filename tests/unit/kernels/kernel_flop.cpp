#include "jetpinn/kernels/kernel_flop.hpp"

#include <gtest/gtest.h>

namespace jetpinn {
namespace {

// tanh: 2 x, e^r - 1 (range 7, polynomial of ten coefficients 18, the rest 3), three for e - 1 and two for the quotient.
TEST(KernelFlop, FunctionsAreCountedAsTheyAreWritten) {
  EXPECT_EQ(activation_memo_flop<double>(Activation::tanh), 1 + (7 + 18 + 3) + 3 + 2);
  EXPECT_EQ(activation_memo_flop<float>(Activation::tanh), 1 + (7 + 8 + 3) + 3 + 2);   // five coefficients
  EXPECT_EQ(activation_memo_flop<double>(Activation::sin), 0);
  EXPECT_EQ(activation_derivatives_flop<double>(Activation::tanh, 1), 2);   // a a, 1 - a^2
  EXPECT_EQ(activation_derivatives_flop<double>(Activation::tanh, 3), 7);
  EXPECT_EQ(sincos_flop<double>(), 3 + 7 + (3 + 10) + (5 + 10));
}

// One channel, h = tanh(z + b): the bias, tanh and its first derivative; in the reverse s', s'',
// zbar = s' hbar and the bias.
TEST(KernelFlop, AValueAlone) {
  JetProgram program;
  EXPECT_EQ(jet_forward_flop<double>(Activation::tanh, program), 1 + 34 + 2);
  EXPECT_EQ(jet_reverse_flop<double>(Activation::tanh, program), 4 + 1 + 1);
}

// u, u_x, u_xx: h_2 = s' z_2 + s'' z_1^2.
TEST(KernelFlop, ASecondDerivative) {
  JetProgram program;
  program.channels = 3;
  program.degree = 2;
  program.monomials = {{2, 2, {1, 1, -1, -1}, 1, -1}};
  const double activate = 2 + (1 + 2) + 2;   // s' z_c twice, z z and k z z into the sum, s'' times the sum into h
  EXPECT_EQ(jet_forward_flop<double>(Activation::tanh, program), 1 + 34 + 4 + activate);
  // s' hbar_c; Q_1 of two channels and two orders into zbar_0; Q_2, the slope; 2 k slope z into zbar_1; the bias
  EXPECT_EQ(jet_reverse_flop<double>(Activation::tanh, program), 7 + activate + 3 + (4 + 4) + (2 + 1) + 4 + 1);
}

// dh_0 = s' e; dh_1 and dh_2 with two products each; s''' e z_1 z_1 and twice s'' dz_1 z_1.
TEST(KernelFlop, AChange) {
  JetProgram program;
  const double derivatives = activation_derivatives_flop<double>(Activation::tanh, 5);
  EXPECT_EQ(jet_tangent_flop<double>(Activation::tanh, program), derivatives + 2);
  program.channels = 3;
  program.degree = 2;
  program.monomials = {{2, 2, {1, 1, -1, -1}, 1, -1}};
  EXPECT_EQ(jet_tangent_flop<double>(Activation::tanh, program), derivatives + 2 + 2 * 4 + (3 + 2 * 3 + 2));
}

// r = u * u_x - 2 with u, u_x wanted and t not.
TEST(KernelFlop, ATape) {
  TapeProgram program;
  program.inputs = 3;
  program.instructions = {{TapeOp::input, 0, -1, -1, 0},     {TapeOp::input, 1, -1, -1, 0},
                          {TapeOp::input, 2, -1, -1, 0},     {TapeOp::multiply, 1, 2, -1, 0},
                          {TapeOp::constant, -1, -1, -1, 2}, {TapeOp::subtract, 3, 4, -1, 0}};
  program.outputs = {5};
  EXPECT_EQ(tape_forward_flop<double>(program), 2);
  EXPECT_EQ(tape_reverse_flop<double>(program, {false, true, true}), 1 + 2 + 2);   // nothing goes to the constant
  EXPECT_EQ(tape_reverse_flop<double>(program, {true, false, false}), 0);
}

}  // namespace
}  // namespace jetpinn
