// Models that classify images: losses and gradients of a batch over one flat buffer of parameters. LibTorch computes them,
// in the module that the program loads (runtime/libtorch.hpp).
//
// A further model is a row in src/vision/model_kinds.cpp, with its blocks of parameters, and a row in
// src/libtorch/image_models.cpp, with its logits.
#pragma once

#include "jetpinn/vision/image_set.hpp"
#include "jetpinn/vision/sparse_vit.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// fp64, fp32: of all of it. bf16: products and convolutions in bf16, everything else in fp32.
enum class ModelPrecision { fp64, fp32, bf16 };
const char* to_string(ModelPrecision precision);

struct ModelOptions {
  std::string kind = "simple_cnn";
  ImageShape shape;
  std::int64_t classes = 10;
  ModelPrecision precision = ModelPrecision::fp32;
  VitOptions vit = {};  // of sparse_vit
};

// A tensor of parameters in the flat buffer. Its initial values are start + uniform in [-spread, spread).
struct ModelBlock {
  std::string name;                 // "conv1.weight"
  std::vector<std::int64_t> shape;  // row-major, as LibTorch has it
  double start = 0, spread = 0;
  std::int64_t uses = 0;   // multiplications by each of its numbers, for an image forward: what a step costs
  std::int64_t begin = 0;  // in the flat buffer; set by blocks_of

  std::int64_t size() const {
    std::int64_t numbers = 1;
    for (const std::int64_t extent : shape) numbers *= extent;
    return numbers;
  }
};

// A kind of model, without LibTorch: what a config can name and what it takes.
struct ModelKind {
  const char* name;
  const char* text;  // a few words, for the documentation of the key
  // In the order of the flat buffer; `begin` is left alone. Throws Error (usage) where the images are too small.
  std::vector<ModelBlock> (*blocks)(const ModelOptions& options);
  std::int64_t (*values)(const ModelOptions& options);  // as pass_values
};
const std::vector<ModelKind>& model_kinds();

// Of the kind that the options name. Throws Error (usage).
std::vector<ModelBlock> blocks_of(const ModelOptions& options);
std::int64_t parameters_of(const std::vector<ModelBlock>& blocks);
double forward_flop(const std::vector<ModelBlock>& blocks);  // of an image

// Numbers that exist at a time for each image of a pass, forward and reverse: values of the layers, their gradients, copies.
std::int64_t pass_values(const ModelOptions& options);

// Initial parameters: a pure function of the seed and each number's place.
std::vector<double> initial_parameters(const std::vector<ModelBlock>& blocks, std::uint64_t seed);

// Images as the models take them, on the host.
struct ImageBatch {
  std::int64_t count = 0;
  std::vector<float> images;         // [count, channels, height, width], normalised
  std::vector<std::int64_t> labels;  // [count]
  std::vector<double> weights;       // [count] of each image's loss
};

class ImageModel {
 public:
  virtual ~ImageModel() = default;
  // From now on these parameters; copied.
  virtual void use(const double* parameters) = 0;
  // losses[i] = -log softmax(logits_i)[label_i]; gradient += d sum_i weights_i losses_i / d parameters. losses: [count];
  // logits: [count, classes]; gradient: [parameters]. The same batch gives the same bits.
  virtual void loss_and_gradient(const ImageBatch& batch, double* losses, double* logits, double* gradient) = 0;
  virtual void losses(const ImageBatch& batch, double* losses, double* logits) = 0;  // without the gradient
};

// Loads LibTorch. Throws Error (usage) where that is missing, or no such kind is known.
std::unique_ptr<ImageModel> make_image_model(const ModelOptions& options);

// What the module offers.
struct LibtorchModels {
  std::unique_ptr<ImageModel> (*make)(const ModelOptions& options);  // null: it has no such kind
};

}  // namespace jetpinn

// Defined in the module.
extern "C" const jetpinn::LibtorchModels jetpinn_libtorch_models;
