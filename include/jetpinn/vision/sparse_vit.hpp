// A vision transformer (Dosovitskiy et al. 2021, arXiv:2010.11929) whose attention is sparse (docs/attention.md): patches of
// the image as tokens behind the global ones, of which the first is the class token; blocks that normalise first, with
// attention and a perceptron of one hidden layer; the class token's normalised features give the logits.
#pragma once

#include "jetpinn/kernels/attention_pattern.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn {

struct ModelBlock;
struct ModelOptions;

enum class AttentionKind { sparse, dense };
const char* to_string(AttentionKind kind);

struct VitOptions {
  AttentionKind attention = AttentionKind::sparse;
  // At least one global token. The tiles are small, for the sequences are short: 32 x 32 pixels have 8 x 8 patches, of which
  // a tile is a row.
  AttentionOptions sparse{4, 32, 0.1, 8};
  std::int64_t patch = 4;  // pixels of its side
  std::int64_t width = 192, heads = 4;
  std::int64_t depth = 4;     // blocks
  std::int64_t hidden = 384;  // units of a perceptron
};

std::int64_t vit_patches(const ModelOptions& options);  // of an image

// The model's parameters, as ModelKind has them: patch, global tokens, positions, the blocks one after the other, head. Work
// of the attention itself belongs to no parameter and is not in their `uses`. Throws Error (usage) where the image is not
// made of whole patches, the width not of whole heads, or where there is no global token.
std::vector<ModelBlock> vit_blocks(const ModelOptions& options);

std::int64_t vit_values(const ModelOptions& options);  // as pass_values, of the sparse kind

// Blocks of parameters in front of the first transformer block, and of each of these.
inline constexpr std::size_t vit_first_blocks = 4, vit_blocks_each = 12;

}  // namespace jetpinn
