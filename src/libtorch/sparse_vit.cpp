#include "jetpinn/libtorch/sparse_vit.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/scaled_dot_product_attention.h>

namespace jetpinn {
namespace {

// [count, patches, channels * patch * patch], row by row of the image.
at::Tensor patches_of(const at::Tensor& images, std::int64_t patch) {
  const std::int64_t count = images.size(0), channels = images.size(1), rows = images.size(2) / patch,
                     columns = images.size(3) / patch;
  return images.view({count, channels, rows, patch, columns, patch})
      .permute({0, 2, 4, 1, 3, 5})
      .reshape({count, rows * columns, channels * patch * patch});
}

at::Tensor normalised(const at::Tensor& x, const at::Tensor* norm) {
  return at::layer_norm(x, {x.size(-1)}, norm[0], norm[1]);
}

// x [count, tokens, width]; qkv: weight and bias of all three. [count, tokens, width] again.
at::Tensor attention(const ModelOptions& options, const AttentionPattern& pattern, const at::Tensor& x,
                     const at::Tensor* qkv) {
  const std::int64_t count = x.size(0), tokens = x.size(1);
  const at::Tensor all = at::linear(x, qkv[0], qkv[1])
                             .view({count, tokens, 3, options.vit.heads, pattern.width})
                             .permute({2, 0, 3, 1, 4});  // [3, count, heads, tokens, width of a head]
  at::Tensor out;
  if (options.vit.attention == AttentionKind::dense) {
    out = at::scaled_dot_product_attention(all[0], all[1], all[2]);
  } else {
    // Where products are taken in bf16, the attention's are not: its kernels compute in fp32.
    const at::Tensor wide = all.scalar_type() == at::kDouble ? all : all.to(at::kFloat);
    out = sparse_attention(wide[0], wide[1], wide[2], pattern);
  }
  return out.transpose(1, 2).reshape({count, tokens, options.vit.width});
}

}  // namespace

at::Tensor sparse_vit_logits(const ModelOptions& options, const Tensors& blocks, const at::Tensor& images) {
  const VitOptions& vit = options.vit;
  const AttentionPattern pattern =
      attention_pattern(vit_patches(options) + vit.sparse.global, vit.width / vit.heads, vit.sparse);
  const at::Tensor* block = blocks.data();
  const at::Tensor patches = at::linear(patches_of(images, vit.patch), block[0], block[1]) + block[3];
  at::Tensor x = at::cat({block[2].unsqueeze(0).expand({images.size(0), -1, -1}), patches.to(block[2].scalar_type())}, 1);
  block += vit_first_blocks;
  for (std::int64_t i = 0; i < vit.depth; ++i, block += vit_blocks_each) {
    x = x + at::linear(attention(options, pattern, normalised(x, block), block + 2), block[4], block[5]);
    x = x + at::linear(at::gelu(at::linear(normalised(x, block + 6), block[8], block[9])), block[10], block[11]);
  }
  return at::linear(normalised(x.select(1, 0), block), block[2], block[3]);
}

}  // namespace jetpinn
