#include "jetpinn/vision/sparse_vit.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/vision/image_model.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace jetpinn {
namespace {

constexpr double token_spread = 0.02;  // of global tokens and positions, as transformers begin

void require(bool holds, const std::string& what) {
  if (!holds) throw Error(Status::usage, "sparse_vit: " + what);
}

void check_options(const ModelOptions& options) {
  const VitOptions& vit = options.vit;
  const ImageShape& shape = options.shape;
  require(vit.patch >= 1 && shape.height % vit.patch == 0 && shape.width % vit.patch == 0,
          "images of " + std::to_string(shape.height) + " x " + std::to_string(shape.width) +
              " pixels are not made of whole patches of " + std::to_string(vit.patch) + " x " + std::to_string(vit.patch) +
              "; choose a patch that divides both sides");
  require(vit.heads >= 1 && vit.width % vit.heads == 0, "a width of " + std::to_string(vit.width) + " is not made of " +
                                                            std::to_string(vit.heads) + " whole heads; choose a multiple");
  require(vit.sparse.global >= 1, "the first global token is the class token; choose at least one");
}

void add_affine(std::vector<ModelBlock>& blocks, const std::string& name, std::int64_t inputs, std::int64_t outputs,
                std::int64_t uses) {
  const double spread = 1 / std::sqrt(static_cast<double>(inputs));
  blocks.push_back({name + ".weight", {outputs, inputs}, 0, spread, uses});
  blocks.push_back({name + ".bias", {outputs}, 0, spread, 0});
}

void add_norm(std::vector<ModelBlock>& blocks, const std::string& name, std::int64_t width) {
  blocks.push_back({name + ".weight", {width}, 1, 0, 0});
  blocks.push_back({name + ".bias", {width}, 0, 0, 0});
}

}  // namespace

const char* to_string(AttentionKind kind) { return kind == AttentionKind::sparse ? "sparse" : "dense"; }

std::int64_t vit_patches(const ModelOptions& options) {
  return options.shape.height / options.vit.patch * (options.shape.width / options.vit.patch);
}

// Of a token in a block: norms, queries, keys and values with their copies, what the attention keeps, outputs and sums, and
// hidden units before and behind their activation. In reverse one layer's own once more.
std::int64_t vit_values(const ModelOptions& options) {
  const VitOptions& vit = options.vit;
  const std::int64_t of_block = 15 * vit.width + 2 * vit.hidden, in_reverse = 8 * vit.width;
  const std::int64_t of_token = vit.depth * of_block + in_reverse + 4 * vit.width;
  constexpr double most = 1e15;  // far beyond any memory, and a plan can still be added up
  const double values = static_cast<double>(vit_patches(options) + vit.sparse.global) * static_cast<double>(of_token);
  return static_cast<std::int64_t>(std::min(values, most));
}

std::vector<ModelBlock> vit_blocks(const ModelOptions& options) {
  check_options(options);
  const VitOptions& vit = options.vit;
  const std::int64_t patches = vit_patches(options), tokens = patches + vit.sparse.global;
  std::vector<ModelBlock> blocks;
  add_affine(blocks, "patch", options.shape.channels * vit.patch * vit.patch, vit.width, patches);
  blocks.push_back({"global_tokens", {vit.sparse.global, vit.width}, 0, token_spread, 0});
  blocks.push_back({"positions", {patches, vit.width}, 0, token_spread, 0});
  for (std::int64_t i = 1; i <= vit.depth; ++i) {
    const std::string name = "block" + std::to_string(i) + ".";
    add_norm(blocks, name + "attention_norm", vit.width);
    add_affine(blocks, name + "qkv", vit.width, 3 * vit.width, tokens);
    add_affine(blocks, name + "projection", vit.width, vit.width, tokens);
    add_norm(blocks, name + "perceptron_norm", vit.width);
    add_affine(blocks, name + "hidden", vit.width, vit.hidden, tokens);
    add_affine(blocks, name + "output", vit.hidden, vit.width, tokens);
  }
  add_norm(blocks, "norm", vit.width);
  add_affine(blocks, "head", vit.width, options.classes, 1);
  return blocks;
}

}  // namespace jetpinn
