#include "jetpinn/libtorch/tensors.hpp"

#include <ATen/ops/from_blob.h>
#include <torch/csrc/autograd/autograd.h>

namespace jetpinn {

at::Tensor copy_column(const double* data, std::int64_t count, at::ScalarType type) {
  const at::Tensor view = at::from_blob(const_cast<double*>(data), {count}, at::TensorOptions().dtype(at::kDouble));
  return view.to(type, /*non_blocking=*/false, /*copy=*/true);
}

Tensors columns(const double* data, std::size_t size, std::int64_t stride, std::int64_t first, std::int64_t count,
                at::ScalarType type) {
  Tensors result;
  for (std::size_t k = 0; k < size; ++k)
    result.push_back(copy_column(data + static_cast<std::int64_t>(k) * stride + first, count, type));
  return result;
}

void add_to(double* target, const at::Tensor& tensor) {
  if (!tensor.defined()) return;
  const at::Tensor flat = tensor.detach().to(at::kDouble).contiguous();
  const double* data = flat.const_data_ptr<double>();
  for (std::int64_t i = 0; i < flat.numel(); ++i) target[i] += data[i];
}

Tensors gradients(const Tensors& outputs, const Tensors& cotangents, const Tensors& inputs, bool create_graph) {
  Tensors from, seeds;
  for (std::size_t k = 0; k < outputs.size(); ++k)
    if (outputs[k].requires_grad()) {
      from.push_back(outputs[k]);
      seeds.push_back(cotangents[k]);
    }
  if (from.empty()) return Tensors(inputs.size());
  return torch::autograd::grad(from, inputs, seeds, /*retain_graph=*/true, create_graph, /*allow_unused=*/true);
}

}  // namespace jetpinn
