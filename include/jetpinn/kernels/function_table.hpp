// The rows of functions.hpp by their numbers: what parser, graph and tape ask of a function that they know by number.
#pragma once

#include "jetpinn/kernels/functions.hpp"
#include "jetpinn/kernels/tape_program.hpp"

#include <string_view>

namespace jetpinn {

struct FunctionInfo {
  const char *name, *numpy, *outside;
  int operands, passes;
  bool more, symmetric, jumps;
  Parity parity;
};

inline constexpr int function_count = functions::All::size;
inline constexpr auto function_table = functions::All::table([](auto row) {
  using F = decltype(row);
  return FunctionInfo{F::name, F::numpy, F::outside, F::operands, F::passes, F::more, F::symmetric, F::jumps, F::parity};
});

// -1: there is no such function.
constexpr int function_number(std::string_view name) {
  for (int number = 0; number < function_count; ++number) {
    if (name == function_table[static_cast<std::size_t>(number)].name) return number;
  }
  return -1;
}

// The row's number; negative for an operator.
KOKKOS_FUNCTION constexpr int function_of(TapeOp op) { return static_cast<int>(op) - static_cast<int>(TapeOp::function); }
constexpr TapeOp tape_op(int function) { return static_cast<TapeOp>(static_cast<int>(TapeOp::function) + function); }
constexpr TapeOp tape_op(std::string_view name) { return tape_op(function_number(name)); }

double function_value(int number, double a, double b, double c);
// Its derivative by operand 0, 1 or 2, as the tape's reverse sweep computes it.
double function_slope(int number, int operand, double a, double b, double c);

// What the tape does with a row.
template <class T>
struct TapeFunction {
  void (*forward)(int length, T* out, const T* a, const T* b, const T* c);
  void (*adjoint)(const TapeRows<T>& rows);   // null: flat
  double flop, adjoint_flop[3];
};
template <class T>
const TapeFunction<T>& tape_function(int number);

}  // namespace jetpinn
