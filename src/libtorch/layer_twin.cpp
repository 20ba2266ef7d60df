#include "jetpinn/libtorch/layer_twin.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/libtorch/reference_functions.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/index_put.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace jetpinn {
namespace {

using Inputs = const TwinInput&;

at::Tensor input_twin(const Layer&, Inputs in) { return at::matmul(at::stack(in.features, 1), in.blocks[0]); }

at::Tensor linear_twin(const Layer&, Inputs in) { return at::matmul(in.inputs[0], in.blocks[0]); }

at::Tensor activation_twin(const Layer& layer, Inputs in) {
  return reference_activation(layer.activation, in.inputs[0] + in.blocks[0]);
}

at::Tensor gate_twin(const Layer&, Inputs in) {
  const at::Tensor &z = in.inputs[0], &u = in.inputs[1], &v = in.inputs[2];
  return u + z * (v - u);
}

at::Tensor mix_twin(const Layer& layer, Inputs in) {
  const at::Tensor &f = in.inputs[0], &x = in.inputs[1];
  return layer.blocks.empty() ? f + x : x + in.blocks[0] * (f - x);
}

at::Tensor output_twin(const Layer&, Inputs in) { return at::addmm(in.blocks[1], in.inputs[0], in.blocks[0]); }

struct Row {
  const char* kind;
  at::Tensor (*twin)(const Layer&, Inputs);
};
constexpr Row rows[] = {{"input", input_twin},           {"linear", linear_twin}, {"sparse", linear_twin},
                        {"activation", activation_twin}, {"gate", gate_twin},     {"mix", mix_twin},
                        {"output", output_twin}};

// The matrix [inputs, outputs] whose kept weights these are.
at::Tensor whole_matrix(const SparsePattern& pattern, const at::Tensor& kept) {
  const at::Tensor places = at::empty({kept.size(0)}, at::TensorOptions().dtype(at::kLong));
  std::copy(pattern.kept.begin(), pattern.kept.end(), places.mutable_data_ptr<std::int64_t>());
  return at::zeros({pattern.weights()}, kept.options()).index_put({places}, kept).view({pattern.inputs, pattern.outputs});
}

// V diag(exp(s)) a and a b (layer/factorised.hpp)
TwinInput without_factors(const Layer& layer, const TwinInput& input) {
  TwinInput plain = input;
  if (const auto& pattern = layer.blocks.empty() ? nullptr : layer.blocks[0].pattern)
    plain.blocks[0] = whole_matrix(*pattern, input.blocks[0]);
  for (std::size_t b = 1; b < layer.blocks.size(); ++b)
    if (layer.blocks[b].name == "scale") plain.blocks[0] = plain.blocks[0] * at::exp(input.blocks[b]);
  if (input.slope) plain.blocks[0] = plain.blocks[0] * *input.slope;
  return plain;
}

}  // namespace

at::Tensor layer_twin(const Layer& layer, const TwinInput& input) {
  for (const Row& row : rows)
    if (layer.kind == row.kind) return row.twin(layer, without_factors(layer, input));
  JETPINN_CHECK(false, "no LibTorch twin of a layer of kind '" + layer.kind + "'");
}

std::vector<std::string> layer_twin_names() {
  std::vector<std::string> names;
  for (const Row& row : rows) names.emplace_back(row.kind);
  return names;
}

}  // namespace jetpinn
