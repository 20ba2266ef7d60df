// Operations of expressions and activations in LibTorch, which autograd differentiates again and again to the last digit.
#pragma once

#include "jetpinn/expr/graph.hpp"
#include "jetpinn/kernels/activation_kind.hpp"

namespace at {
class Tensor;
}

namespace jetpinn {

// h = op(a, b, c); operands that the operation lacks are undefined. Throws Error (usage) for a leaf.
at::Tensor reference_operation(Op op, const at::Tensor& a, const at::Tensor& b, const at::Tensor& c);

at::Tensor reference_activation(Activation activation, const at::Tensor& z);

}  // namespace jetpinn
