// Columns of doubles as tensors and back, and gradients of several tensors at once.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn {

using Tensors = std::vector<at::Tensor>;

// A column of doubles [count] as a tensor of its own.
at::Tensor copy_column(const double* data, std::int64_t count, at::ScalarType type);

// Columns k = 0 .. size - 1 of data [size, stride], rows first .. first + count - 1.
Tensors columns(const double* data, std::size_t size, std::int64_t stride, std::int64_t first, std::int64_t count,
                at::ScalarType type);

// target += tensor; an undefined tensor is zero.
void add_to(double* target, const at::Tensor& tensor);

// d sum_k cotangents_k . outputs_k / d inputs; undefined where nothing depends on an input. The graph stays alive.
Tensors gradients(const Tensors& outputs, const Tensors& cotangents, const Tensors& inputs, bool create_graph);

}  // namespace jetpinn
