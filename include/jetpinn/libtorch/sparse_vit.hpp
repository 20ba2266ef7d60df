// The logits of vision/sparse_vit.hpp's model, and its attention as a function that autograd differentiates.
#pragma once

#include "jetpinn/kernels/attention_pattern.hpp"
#include "jetpinn/libtorch/tensors.hpp"
#include "jetpinn/vision/image_model.hpp"

namespace jetpinn {

// q, k, v [..., tokens, width] in fp32 or fp64, of one type: the kernels of sparse_attention.hpp, forward and reverse.
at::Tensor sparse_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionPattern& pattern);

// images [count, channels, height, width]; logits [count, classes].
at::Tensor sparse_vit_logits(const ModelOptions& options, const Tensors& blocks, const at::Tensor& images);

}  // namespace jetpinn
