#include "jetpinn/engine/tape_work.hpp"

#include "jetpinn/kernels/kernel_flop.hpp"

#include <algorithm>
#include <vector>

namespace jetpinn {

// Registers stay in the first-level cache; the columns do not: inputs and residuals, in the reverse the adjoints of the
// fields and of trainables.
template <class T>
KernelWork tape_forward_work(const TermProgram& program) {
  constexpr double s = sizeof(T);
  const auto columns = std::count_if(program.inputs.begin(), program.inputs.end(), [](const TermInput& input) {
    return input.group != InputGroup::trainable && input.group != InputGroup::constant;
  });
  return {tape_forward_flop<T>(program.residual), s * static_cast<double>(columns)};
}

template <class T>
KernelWork tape_reverse_work(const TermProgram& program) {
  constexpr double s = sizeof(T);
  std::vector<bool> wanted;
  double adjoints = 0, sums = 0;
  for (const TermInput& input : program.inputs) {
    sums += input.group == InputGroup::trainable;   // over points
    wanted.push_back(input.group == InputGroup::channel || input.group == InputGroup::trainable);
    adjoints += wanted.back();
  }
  // A square and its adjoint's seed for each residual: w r^2, 2 w r / N, two sums.
  constexpr double squares = 8;
  return {tape_reverse_flop<T>(program.residual, wanted) + squares * program.residuals() + sums, s * adjoints};
}

template KernelWork tape_forward_work<float>(const TermProgram&);
template KernelWork tape_forward_work<double>(const TermProgram&);
template KernelWork tape_reverse_work<float>(const TermProgram&);
template KernelWork tape_reverse_work<double>(const TermProgram&);

}  // namespace jetpinn
