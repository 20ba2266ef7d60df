#include "jetpinn/vision/image_model.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/runtime/libtorch.hpp"
#include "jetpinn/sampling/random.hpp"

namespace jetpinn {

const char* to_string(ModelPrecision precision) {
  return precision == ModelPrecision::fp64 ? "fp64" : precision == ModelPrecision::fp32 ? "fp32" : "bf16";
}

namespace {

const ModelKind& kind_of(const ModelOptions& options) {
  std::string names;
  for (const ModelKind& kind : model_kinds()) {
    names += (names.empty() ? "" : ", ") + std::string(kind.name);
    if (options.kind == kind.name) return kind;
  }
  throw Error(Status::usage, "there is no model of images '" + options.kind + "'; choose one of " + names);
}

}  // namespace

std::vector<ModelBlock> blocks_of(const ModelOptions& options) {
  std::vector<ModelBlock> blocks = kind_of(options).blocks(options);
  std::int64_t begin = 0;
  for (ModelBlock& block : blocks) {
    block.begin = begin;
    begin += block.size();
  }
  return blocks;
}

std::int64_t pass_values(const ModelOptions& options) { return kind_of(options).values(options); }

std::int64_t parameters_of(const std::vector<ModelBlock>& blocks) {
  return blocks.empty() ? 0 : blocks.back().begin + blocks.back().size();
}

double forward_flop(const std::vector<ModelBlock>& blocks) {
  double flop = 0;
  for (const ModelBlock& block : blocks) flop += 2.0 * static_cast<double>(block.size() * block.uses);
  return flop;
}

std::vector<double> initial_parameters(const std::vector<ModelBlock>& blocks, std::uint64_t seed) {
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(parameters_of(blocks)));
  std::uint64_t place = 0;
  for (const ModelBlock& block : blocks)
    for (std::int64_t i = 0; i < block.size(); ++i, ++place)
      values.push_back(block.start +
                       block.spread * (2 * unit_interval(random_words({seed, 0, 0}, Draw::weights, place)[0]) - 1));
  return values;
}

std::unique_ptr<ImageModel> make_image_model(const ModelOptions& options) {
  blocks_of(options);  // a name that is not known is told before LibTorch is loaded
  const auto& models = libtorch_table<LibtorchModels>("jetpinn_libtorch_models", libtorch_purposes::images);
  std::unique_ptr<ImageModel> model = models.make(options);
  JETPINN_CHECK(model != nullptr, "the module of LibTorch has no model '" + options.kind + "'");
  return model;
}

}  // namespace jetpinn
