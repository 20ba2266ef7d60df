// A residual as a straight-line program: register i is the result of instruction i (static single assignment).
#pragma once

#include <cstdint>
#include <vector>

namespace jetpinn {

enum class TapeOp : std::uint8_t {
  constant, input,                                         // value; input column a
  add, subtract, multiply, divide, negate, square, power,  // power: a^b
  less, less_equal, equal, not_equal, logical_and, logical_or, logical_not,  // 1 or 0
  function                                                 // and up: the rows of functions.hpp (tape_op)
};

struct TapeInstruction {
  TapeOp op = TapeOp::constant;
  std::int32_t a = -1, b = -1, c = -1;  // operand registers (input: a is the input column)
  double value = 0;                     // constant
};

struct TapeProgram {
  int inputs = 0;                             // number of input columns
  std::vector<TapeInstruction> instructions;
  std::vector<std::int32_t> outputs;          // registers
};

}  // namespace jetpinn
