// Term programs written by hand: engine tests and benchmarks that do not depend on the expression compiler.
#pragma once

#include "jetpinn/kernels/function_table.hpp"
#include "jetpinn/plan/jet_plan.hpp"

#include <initializer_list>
#include <vector>

namespace jetpinn::hand {

inline Derivative by(std::initializer_list<int> coordinates) {
  Derivative d;
  for (int c : coordinates) d.by[static_cast<std::size_t>(d.order++)] = static_cast<std::int16_t>(c);
  return d;
}

inline JetMonomial monomial(int target, std::initializer_list<int> factors, double coefficient, int slot = -1) {
  JetMonomial m;
  m.target = target;
  m.degree = 0;
  for (int f : factors) m.factor[m.degree++] = f;
  m.coefficient = coefficient;
  m.slot = slot;
  return m;
}

// A tape as it is written down: each call appends an instruction and returns its register.
struct TapeWriter {
  TapeProgram program;
  int push(TapeOp op, int a = -1, int b = -1, int c = -1, double value = 0) {
    program.instructions.push_back({op, a, b, c, value});
    return static_cast<int>(program.instructions.size()) - 1;
  }
  int input(int column) { return push(TapeOp::input, column); }
  int constant(double value) { return push(TapeOp::constant, -1, -1, -1, value); }
  int add(int a, int b) { return push(TapeOp::add, a, b); }
  int multiply(int a, int b) { return push(TapeOp::multiply, a, b); }
};

// u_t + u u_x - nu u_xx over (t, x) with channels 1, x, t - nu xx.
inline TermProgram burgers(double nu) {
  TermProgram term;
  term.dimensions = term.plan.dimensions = 2;
  term.fields = 1;
  term.plan.channels = {{{{by({}), 1, -1}}}, {{{by({1}), 1, -1}}}, {{{by({0}), 1, -1}, {by({1, 1}), -nu, -1}}}};
  term.plan.program = {3, 2, 0, {monomial(2, {1, 1}, -nu)}};
  TapeWriter tape;
  tape.program.inputs = 5;
  const int u = tape.input(2), ux = tape.input(3), operation = tape.input(4);
  tape.program.outputs = {tape.add(operation, tape.multiply(u, ux))};
  term.residual = tape.program;
  return term;
}

// u - target(t, x) = u + sin(3 x), value channel only.
inline TermProgram initial(int dimensions) {
  TermProgram term;
  term.dimensions = term.plan.dimensions = dimensions;
  term.fields = 1;
  term.plan.channels = {{{{by({}), 1, -1}}}};
  TapeWriter tape;
  tape.program.inputs = dimensions + 1;
  const int x = tape.input(dimensions - 1), u = tape.input(dimensions);
  tape.program.outputs = {tape.add(u, tape.push(tape_op("sin"), tape.multiply(x, tape.constant(3))))};
  term.residual = tape.program;
  return term;
}

// Laplacian of u plus 1 in d dimensions with channels 1, x_1 .. x_d, sum of x_i x_i.
inline TermProgram poisson(int dimensions) {
  TermProgram term;
  term.dimensions = term.plan.dimensions = dimensions;
  term.fields = 1;
  term.plan.channels.push_back({{{by({}), 1, -1}}});
  Channel laplacian;
  term.plan.program = {dimensions + 2, 2, 0, {}};
  for (int d = 0; d < dimensions; ++d) {
    term.plan.channels.push_back({{{by({d}), 1, -1}}});
    laplacian.parts.push_back({by({d, d}), 1, -1});
    term.plan.program.monomials.push_back(monomial(dimensions + 1, {1 + d, 1 + d}, 1));
  }
  term.plan.channels.push_back(laplacian);
  TapeWriter tape;
  tape.program.inputs = dimensions + dimensions + 2;
  const int operation = tape.input(dimensions + dimensions + 1);
  tape.program.outputs = {tape.add(operation, tape.constant(1))};
  term.residual = tape.program;
  return term;
}

// u_t + u u_x + a u_xx + b u_xxxx (Kuramoto-Sivashinsky) over (t, x) with channels 1, x, xx, xxx, t + b xxxx.
inline TermProgram kuramoto_sivashinsky(double a, double b) {
  TermProgram term;
  term.dimensions = term.plan.dimensions = 2;
  term.fields = 1;
  term.plan.channels = {{{{by({}), 1, -1}}},
                        {{{by({1}), 1, -1}}},
                        {{{by({1, 1}), 1, -1}}},
                        {{{by({1, 1, 1}), 1, -1}}},
                        {{{by({0}), 1, -1}, {by({1, 1, 1, 1}), b, -1}}}};
  term.plan.program = {
      5,
      4,
      0,
      {monomial(2, {1, 1}, 1), monomial(3, {1, 2}, 3), monomial(3, {1, 1, 1}, 1), monomial(4, {1, 3}, 4 * b),
       monomial(4, {2, 2}, 3 * b), monomial(4, {1, 1, 2}, 6 * b), monomial(4, {1, 1, 1, 1}, b)}};
  TapeWriter tape;
  tape.program.inputs = 7;
  const int u = tape.input(2), ux = tape.input(3), uxx = tape.input(4), operation = tape.input(6);
  const int transport = tape.add(operation, tape.multiply(u, ux));
  tape.program.outputs = {tape.add(transport, tape.multiply(tape.constant(a), uxx))};
  term.residual = tape.program;
  return term;
}

}  // namespace jetpinn::hand
