// A tape that holds every operator and every function.
#pragma once

#include "jetpinn/kernels/function_table.hpp"
#include "jetpinn/kernels/tape_program.hpp"

#include <cstddef>
#include <vector>

namespace jetpinn::test {

// Three inputs a, b, c; every operation on positive values below 1, then summed into two outputs.
inline TapeProgram every_operation() {
  TapeProgram program;
  program.inputs = 3;
  const auto emit = [&program](TapeOp op, int a = -1, int b = -1, int c = -1, double value = 0) {
    program.instructions.push_back({op, a, b, c, value});
    return static_cast<int>(program.instructions.size()) - 1;
  };
  const int a = emit(TapeOp::input, 0), b = emit(TapeOp::input, 1), c = emit(TapeOp::input, 2);
  const int third = emit(TapeOp::constant, -1, -1, -1, 1.0 / 3);
  std::vector<int> made{emit(TapeOp::add, a, b),    emit(TapeOp::subtract, b, c), emit(TapeOp::multiply, a, c),
                        emit(TapeOp::divide, a, b), emit(TapeOp::negate, c),      emit(TapeOp::square, b),
                        emit(TapeOp::power, a, b)};
  made.push_back(emit(TapeOp::logical_not, b));
  for (TapeOp op :
       {TapeOp::less, TapeOp::less_equal, TapeOp::equal, TapeOp::not_equal, TapeOp::logical_and, TapeOp::logical_or}) {
    made.push_back(emit(op, a, c));
  }
  for (int number = 0; number < function_count; ++number) {
    const int operands = function_table[static_cast<std::size_t>(number)].operands;
    if (operands == 1) made.push_back(emit(tape_op(number), made.size() % 2 ? a : b));
    if (operands == 2) made.push_back(emit(tape_op(number), a, c));
    if (operands < 3) continue;
    const int small = emit(TapeOp::less, a, third), square = emit(TapeOp::square, a), product = emit(TapeOp::multiply, b, c);
    made.push_back(emit(tape_op(number), small, square, product));
  }
  int even = a, odd = b;
  for (std::size_t k = 0; k < made.size(); ++k) {  // different factors, so that no two errors cancel
    int& sum = k % 2 ? odd : even;
    sum = emit(TapeOp::add, sum,
               emit(TapeOp::multiply, made[k], emit(TapeOp::constant, -1, -1, -1, 1 + 0.1 * static_cast<double>(k))));
  }
  program.outputs = {even, odd, emit(tape_op("sin"), third)};  // the last depends on nothing
  return program;
}

}  // namespace jetpinn::test
