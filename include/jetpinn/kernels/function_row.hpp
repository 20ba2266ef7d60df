// What a row of functions.hpp says where it says nothing itself.
#pragma once

#include "jetpinn/kernels/pack_flop.hpp"

#include <array>
#include <cstdint>

namespace jetpinn {

enum class Parity : std::uint8_t { none, odd, even };   // f(-a) = -f(a), f(-a) = f(a)

// Nodes of an expression graph: a call h = f(a, b, c) and the derivatives of its operands.
struct FunctionNodes {
  std::int32_t h = -1, a = -1, b = -1, c = -1, da = -1, db = -1, dc = -1;
};

template <int Operands>
struct FunctionRow {
  static constexpr int operands = Operands;
  // Operands that a derivative passes through, as bits; 0: flat wherever it does not jump, no adjoint() and no derivative().
  static constexpr int passes = (1 << Operands) - 1;
  static constexpr bool more = false;       // takes any number of operands from `operands` on
  static constexpr bool symmetric = false;  // in its two operands
  static constexpr bool jumps = false;      // the value leaps where an operand passes some place
  static constexpr bool packed = false;     // has pack(), which the tape takes instead of value()
  static constexpr Parity parity = Parity::none;
  static constexpr const char* outside = "keep it finite";  // advice where it is not a number; {} is the first operand

  // Operations of one value, and of the adjoint that one operand (0: a, 1: b, 2: c) receives, with the addition.
  template <class T>
  static constexpr double flop() { return library_function_flop; }
  template <class T>
  static constexpr double adjoint_flop(int) { return library_function_flop + 2; }
};

// The rows of a table, in their order.
template <class... Row>
struct FunctionList {
  static constexpr int size = sizeof...(Row);

  // {make(row), ...}: one member of every row, or something made of it.
  template <class Make>
  static constexpr auto table(Make make) {
    return std::array{make(Row{})...};
  }
  // visit(row) of the row with this number; nothing where there is none.
  template <class Visit>
  KOKKOS_FUNCTION static void visit(int number, const Visit& visit) {
    int next = 0;
    ((next++ == number && (visit(Row{}), true)) || ...);
  }
};

}  // namespace jetpinn
