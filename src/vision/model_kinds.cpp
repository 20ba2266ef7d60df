#include "jetpinn/base/error.hpp"
#include "jetpinn/vision/image_model.hpp"

#include <cmath>

namespace jetpinn {
namespace {

// Initial weights as in PyTorch's layers, uniform in +-1/sqrt(fan in) (He et al., arXiv:1502.01852, with a = sqrt(5)).
double spread_of(std::int64_t fan_in) { return 1 / std::sqrt(static_cast<double>(fan_in)); }

void add_convolution(std::vector<ModelBlock>& blocks, const std::string& name, std::int64_t inputs, std::int64_t outputs,
                     std::int64_t side, std::int64_t pixels) {
  const double spread = spread_of(inputs * side * side);
  blocks.push_back({name + ".weight", {outputs, inputs, side, side}, 0, spread, pixels});
  blocks.push_back({name + ".bias", {outputs}, 0, spread, 0});
}

void add_linear(std::vector<ModelBlock>& blocks, const std::string& name, std::int64_t inputs, std::int64_t outputs) {
  const double spread = spread_of(inputs);
  blocks.push_back({name + ".weight", {outputs, inputs}, 0, spread, 1});
  blocks.push_back({name + ".bias", {outputs}, 0, spread, 0});
}

// The widest layer of simple_cnn has ten times the numbers of an image, twice, before and behind its activation.
std::int64_t pixel_values(const ModelOptions& options) { return 24 * options.shape.values(); }

std::vector<ModelBlock> linear_blocks(const ModelOptions& options) {
  std::vector<ModelBlock> blocks;
  add_linear(blocks, "linear", options.shape.values(), options.classes);
  return blocks;
}

// Each of the three stages halves both sides.
std::vector<ModelBlock> simple_cnn_blocks(const ModelOptions& options) {
  std::int64_t inputs = options.shape.channels, height = options.shape.height, width = options.shape.width;
  std::vector<ModelBlock> blocks;
  int stage = 0;
  for (const std::int64_t outputs : {32, 64, 128}) {
    add_convolution(blocks, "conv" + std::to_string(++stage), inputs, outputs, 3, height * width);
    inputs = outputs, height /= 2, width /= 2;
  }
  if (height < 1 || width < 1)
    throw Error(Status::usage, "simple_cnn needs images of at least 8 x 8 pixels, and these have " +
                                   std::to_string(options.shape.height) + " x " + std::to_string(options.shape.width) +
                                   "; choose model.kind = \"linear\"");
  add_linear(blocks, "hidden", inputs * height * width, 256);
  add_linear(blocks, "output", 256, options.classes);
  return blocks;
}

}  // namespace

const std::vector<ModelKind>& model_kinds() {
  static const std::vector<ModelKind> kinds = {
      {"simple_cnn", "three convolutions to 32, 64 and 128 channels, each with pooling, and a hidden layer of 256",
       simple_cnn_blocks, pixel_values},
      {"linear", "one linear layer on the pixels, the baseline", linear_blocks, pixel_values},
      {"sparse_vit", "a transformer on patches of the image whose attention is sparse, or dense for comparison", vit_blocks,
       vit_values},
  };
  return kinds;
}

}  // namespace jetpinn
