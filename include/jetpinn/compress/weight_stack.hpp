// A fully connected network as plain numbers: matrices with patterns and biases, an activation between them.
#pragma once

#include "jetpinn/base/types.hpp"
#include "jetpinn/kernels/activation_kind.hpp"
#include "jetpinn/kernels/sparse_pattern.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct StackLayer {
  SparsePattern pattern;     // [inputs, outputs]; keeps all where the layer is dense
  std::vector<double> kept;  // in the order of the pattern
  std::vector<double> bias;  // [outputs]

  std::vector<double> whole() const {  // [inputs, outputs]
    std::vector<double> matrix(static_cast<std::size_t>(pattern.weights()));
    expand(pattern, kept.data(), matrix.data());
    return matrix;
  }
};

struct WeightStack {
  std::vector<StackLayer> layers;
  Activation activation = Activation::tanh;  // behind every layer but the last
  Precision precision = Precision::fp64;     // in which the weights were given
  std::vector<std::string> inputs, outputs;  // names

  std::int64_t input_count() const { return layers.front().pattern.inputs; }
  std::int64_t output_count() const { return layers.back().pattern.outputs; }
  std::int64_t weights() const;  // of whole matrices
  std::int64_t kept() const;
  double density() const { return static_cast<double>(kept()) / static_cast<double>(weights()); }
  std::int64_t widest() const;  // units of any layer, inputs too
};

}  // namespace jetpinn
