#include "jetpinn/engine/tape_work.hpp"

#include "jetpinn/kernels/kernel_flop.hpp"

#include <vector>

namespace jetpinn {

// Registers stay in the first-level cache; the columns do not: inputs and residuals, in the reverse the adjoints of the
// fields.
template <class T>
KernelWork tape_forward_work(const TermProgram& program) {
  constexpr double s = sizeof(T);
  return {tape_forward_flop<T>(program.residual), s * static_cast<double>(program.residual.inputs)};
}

template <class T>
KernelWork tape_reverse_work(const TermProgram& program) {
  constexpr double s = sizeof(T);
  std::vector<bool> wanted(static_cast<std::size_t>(program.residual.inputs), true);
  for (int d = 0; d < program.dimensions; ++d) wanted[static_cast<std::size_t>(d)] = false;
  // A square and its adjoint's seed for each residual: w r^2, 2 w r / N, two sums.
  constexpr double squares = 8;
  return {tape_reverse_flop<T>(program.residual, wanted) + squares * program.residuals(),
          s * static_cast<double>(program.residual.inputs - program.dimensions)};
}

template KernelWork tape_forward_work<float>(const TermProgram&);
template KernelWork tape_forward_work<double>(const TermProgram&);
template KernelWork tape_reverse_work<float>(const TermProgram&);
template KernelWork tape_reverse_work<double>(const TermProgram&);

}  // namespace jetpinn
