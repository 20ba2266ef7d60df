// What vision/image_model.hpp declares, by LibTorch's autograd. A model is a row: its logits from its blocks and its images.
#include "jetpinn/vision/image_model.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/libtorch/sparse_vit.hpp"
#include "jetpinn/libtorch/tensors.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

namespace jetpinn {
namespace {

using Blocks = const Tensors&;

at::Tensor linear_logits(const ModelOptions&, Blocks b, const at::Tensor& images) {
  return at::linear(images.flatten(1), b[0], b[1]);
}

at::Tensor simple_cnn_logits(const ModelOptions&, Blocks b, const at::Tensor& images) {
  at::Tensor x = images;
  for (std::size_t stage = 0; stage < 3; ++stage)
    x = at::max_pool2d(at::relu(at::conv2d(x, b[2 * stage], b[2 * stage + 1], /*stride=*/1, /*padding=*/1)), 2);
  return at::linear(at::relu(at::linear(x.flatten(1), b[6], b[7])), b[8], b[9]);
}

struct ModelRow {
  const char* kind;
  at::Tensor (*logits)(const ModelOptions& options, Blocks blocks, const at::Tensor& images);
};
constexpr ModelRow model_rows[] = {
    {"linear", linear_logits}, {"simple_cnn", simple_cnn_logits}, {"sparse_vit", sparse_vit_logits}};

// Products and convolutions in bf16 while it lives, where they are wanted so.
class Autocast {
 public:
  explicit Autocast(bool wanted) : wanted_(wanted) {
    if (!wanted) return;
    at::autocast::increment_nesting();
    at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
    at::autocast::set_autocast_enabled(at::kCPU, true);
  }
  ~Autocast() {
    if (!wanted_) return;
    at::autocast::set_autocast_enabled(at::kCPU, false);
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  bool wanted_;
};

class TorchModel : public ImageModel {
 public:
  TorchModel(const ModelOptions& options, const ModelRow& row)
      : options_(options),
        row_(row),
        blocks_(blocks_of(options)),
        type_(options.precision == ModelPrecision::fp64 ? at::kDouble : at::kFloat) {}

  void use(const double* parameters) override {
    leaves_.clear();
    for (const ModelBlock& block : blocks_)
      leaves_.push_back(copy_column(parameters + block.begin, block.size(), type_).view(block.shape).requires_grad_());
  }

  void loss_and_gradient(const ImageBatch& batch, double* losses, double* logits, double* gradient) override {
    const ScopedRegion counted(Region::product, "jetpinn::loss_and_gradient");
    const at::Tensor each = evaluate(batch, leaves_, losses, logits);
    const Tensors slopes = gradients({each}, {copy_column(batch.weights.data(), batch.count, type_)}, leaves_, false);
    for (std::size_t b = 0; b < blocks_.size(); ++b) add_to(gradient + blocks_[b].begin, slopes[b]);
  }

  void losses(const ImageBatch& batch, double* losses, double* logits) override {
    Tensors detached;
    for (const at::Tensor& leaf : leaves_) detached.push_back(leaf.detach());
    evaluate(batch, detached, losses, logits);
  }

 private:
  // The loss of each image [count], as a part of the graph.
  at::Tensor evaluate(const ImageBatch& batch, Blocks blocks, double* losses, double* logits) const {
    const ImageShape& shape = options_.shape;
    const at::Tensor images = at::from_blob(const_cast<float*>(batch.images.data()),
                                            {batch.count, shape.channels, shape.height, shape.width}, at::kFloat);
    const at::Tensor labels = at::from_blob(const_cast<std::int64_t*>(batch.labels.data()), {batch.count, 1}, at::kLong);
    at::Tensor scores;
    {
      const Autocast autocast(options_.precision == ModelPrecision::bf16);
      scores = row_.logits(options_, blocks, images.to(type_));
    }
    scores = scores.to(type_);
    const at::Tensor each = -at::log_softmax(scores, 1).gather(1, labels).squeeze(1);
    std::fill_n(losses, batch.count, 0.0);
    add_to(losses, each);
    std::fill_n(logits, batch.count * options_.classes, 0.0);
    add_to(logits, scores);
    return each;
  }

  const ModelOptions options_;
  const ModelRow& row_;
  const std::vector<ModelBlock> blocks_;
  const at::ScalarType type_;
  Tensors leaves_;
};

std::unique_ptr<ImageModel> make_model(const ModelOptions& options) {
  for (const ModelRow& row : model_rows)
    if (options.kind == row.kind) return std::make_unique<TorchModel>(options, row);
  return nullptr;
}

}  // namespace
}  // namespace jetpinn

extern "C" const jetpinn::LibtorchModels jetpinn_libtorch_models = {jetpinn::make_model};
