// Runs a tape over columns of points: forward, and forward with its reverse sweep, a tile of points at a time.
#pragma once

#include "jetpinn/base/stream.hpp"
#include "jetpinn/kernels/tape_program.hpp"

#include <cstdint>

namespace jetpinn {

// Element i of a column is data[i * stride]; data may be null where a column is not wanted.
template <class T>
struct Column {
  T* data = nullptr;
  std::int64_t stride = 1;
};

// outputs[k][i] = program's k-th output at point i. inputs: [program.inputs], outputs: [program.outputs.size()].
template <class T>
void tape_forward(Stream stream, const TapeProgram& program, std::int64_t points, const Column<const T>* inputs,
                  const Column<T>* outputs);

// adjoints[j][i] = sum_k cotangents[k][i] * d output_k / d input_j (overwritten). A null adjoint column is skipped.
template <class T>
void tape_reverse(Stream stream, const TapeProgram& program, std::int64_t points, const Column<const T>* inputs,
                  const Column<const T>* cotangents, const Column<T>* adjoints);

// The residual tape of a mean-of-squares term, one pass. With r_k = output_k and weights w_k (null data: 1):
// sums[0] += sum_i sum_k w_ki r_ki^2, sums[1] += sum_i q_i sum_k r_ki^2 (fp64, in the order of the points), and the
// adjoints of the inputs for the loss scale * sums[0]. weights: [outputs], q_i multiplied in; residuals (may be null):
// [outputs]; adjoints (may be null): [inputs]; quadrature (null data: 1): q_i, how much a point counts in a mean.
template <class T>
void tape_residual(Stream stream, const TapeProgram& program, std::int64_t points, const Column<const T>* inputs,
                   const Column<const T>* weights, double scale, const Column<T>* residuals, const Column<T>* adjoints,
                   double sums[2], const Column<const T>& quadrature = {});

}  // namespace jetpinn
