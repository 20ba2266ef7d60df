#include "jetpinn/runtime/torch_attention.hpp"

#include "jetpinn/runtime/libtorch.hpp"

namespace jetpinn {
namespace {

const LibtorchAttention& table() {
  return libtorch_table<LibtorchAttention>("jetpinn_libtorch_attention", "a comparison with its attention");
}

}  // namespace

std::unique_ptr<TorchAttention> make_torch_attention(const AttentionArguments<float>& arguments) {
  return table().fp32(arguments);
}
std::unique_ptr<TorchAttention> make_torch_attention(const AttentionArguments<double>& arguments) {
  return table().fp64(arguments);
}
void masked_torch_attention(const MaskedAttention& arguments) { table().masked(arguments); }

}  // namespace jetpinn
