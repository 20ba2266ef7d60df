// The tape in plain loops: one point at a time, in double, derivatives by dual numbers (forward mode), so that nothing of
// the kernel's reverse sweep is shared.
#pragma once

#include "jetpinn/kernels/tape_program.hpp"

#include <vector>

namespace jetpinn::reference {

// Values of all outputs at one point.
std::vector<double> tape_outputs(const TapeProgram& program, const std::vector<double>& inputs);

// d output_k / d input_j at one point, k for every output.
std::vector<double> tape_derivatives(const TapeProgram& program, const std::vector<double>& inputs, int j);

}  // namespace jetpinn::reference
