#include "jetpinn/vision/image_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

namespace jetpinn {
namespace {

// Images whose pixels are numbers of no meaning.
ImageBatch some_batch(const ModelOptions& options, std::int64_t count) {
  ImageBatch batch;
  batch.count = count;
  for (std::int64_t i = 0; i < count * options.shape.values(); ++i)
    batch.images.push_back(static_cast<float>(std::sin(0.7 * static_cast<double>(i * i % 1009))));
  for (std::int64_t i = 0; i < count; ++i) {
    batch.labels.push_back(i % options.classes);
    batch.weights.push_back(0.5 + 0.25 * static_cast<double>(i));
  }
  return batch;
}

struct Evaluated {
  std::vector<double> losses, logits, gradient;
  double loss = 0;  // weighted sum
};

Evaluated evaluate_model(const ModelOptions& options, const std::vector<double>& parameters, const ImageBatch& batch) {
  const std::unique_ptr<ImageModel> model = jetpinn_libtorch_models.make(options);
  Evaluated result;
  result.losses.resize(static_cast<std::size_t>(batch.count));
  result.logits.resize(static_cast<std::size_t>(batch.count * options.classes));
  result.gradient.resize(parameters.size());
  model->use(parameters.data());
  model->loss_and_gradient(batch, result.losses.data(), result.logits.data(), result.gradient.data());
  for (std::size_t i = 0; i < result.losses.size(); ++i) result.loss += batch.weights[i] * result.losses[i];
  return result;
}

std::vector<double> parameters_for(const ModelOptions& options) { return initial_parameters(blocks_of(options), 5); }

TEST(ImageModels, TheModuleHasEveryKind) {
  ModelOptions options;
  for (const ModelKind& kind : model_kinds()) {
    options.kind = kind.name;
    EXPECT_NE(jetpinn_libtorch_models.make(options), nullptr) << kind.name;
  }
  options.kind = "none";
  EXPECT_EQ(jetpinn_libtorch_models.make(options), nullptr);
}

// Along a direction, by a central difference in fp64: its error is of the order of h^2, and of epsilon / h.
TEST(ImageModels, GradientIsThatOfTheWeightedLosses) {
  for (const ModelKind& kind : model_kinds()) {
    const ModelOptions options{kind.name, {2, 8, 8}, 4, ModelPrecision::fp64};
    const ImageBatch batch = some_batch(options, 5);
    const std::vector<double> at = parameters_for(options);
    const Evaluated here = evaluate_model(options, at, batch);
    const double h = 1e-6;
    double slope = 0;
    std::vector<double> ahead = at, behind = at;
    for (std::size_t p = 0; p < at.size(); ++p) {
      const double direction = std::cos(static_cast<double>(p));
      slope += direction * here.gradient[p];
      ahead[p] += h * direction, behind[p] -= h * direction;
    }
    const double difference =
        (evaluate_model(options, ahead, batch).loss - evaluate_model(options, behind, batch).loss) / (2 * h);
    EXPECT_NEAR(difference, slope, 1e-6 * std::max(1.0, std::abs(slope))) << kind.name;
  }
}

TEST(ImageModels, LossIsTheCrossEntropyOfTheLogits) {
  const ModelOptions options{"simple_cnn", {1, 8, 8}, 3, ModelPrecision::fp64};
  const ImageBatch batch = some_batch(options, 4);
  const Evaluated result = evaluate_model(options, parameters_for(options), batch);
  for (std::size_t i = 0; i < 4; ++i) {
    double sum = 0;
    for (std::size_t c = 0; c < 3; ++c) sum += std::exp(result.logits[3 * i + c]);
    EXPECT_NEAR(result.losses[i], std::log(sum) - result.logits[3 * i + static_cast<std::size_t>(batch.labels[i])], 1e-12);
  }
}

TEST(ImageModels, LossesAloneAreThoseBesideTheGradient) {
  const ModelOptions options{"simple_cnn", {3, 8, 8}, 4, ModelPrecision::fp32};
  const ImageBatch batch = some_batch(options, 6);
  const std::vector<double> parameters = parameters_for(options);
  const Evaluated with = evaluate_model(options, parameters, batch);
  const std::unique_ptr<ImageModel> model = jetpinn_libtorch_models.make(options);
  std::vector<double> losses(6), logits(24);
  model->use(parameters.data());
  model->losses(batch, losses.data(), logits.data());
  EXPECT_EQ(losses, with.losses);
  EXPECT_EQ(logits, with.logits);
  EXPECT_EQ(evaluate_model(options, parameters, batch).gradient, with.gradient) << "other bits the second time";
}

// bf16 has 8 bits: each of the some ten roundings between an image and a gradient adds up to 2^-8 of its terms, which may
// be larger than their sum; and it is not nothing.
TEST(ImageModels, MixedPrecisionIsNearAndElsewhere) {
  ModelOptions options{"simple_cnn", {3, 8, 8}, 4, ModelPrecision::fp32};
  const ImageBatch batch = some_batch(options, 6);
  const std::vector<double> parameters = parameters_for(options);
  const Evaluated full = evaluate_model(options, parameters, batch);
  options.precision = ModelPrecision::bf16;
  const Evaluated mixed = evaluate_model(options, parameters, batch);
  EXPECT_NE(mixed.logits, full.logits);
  double change = 0, norm = 0;
  for (std::size_t p = 0; p < full.gradient.size(); ++p) {
    change += std::pow(mixed.gradient[p] - full.gradient[p], 2);
    norm += std::pow(full.gradient[p], 2);
  }
  EXPECT_LT(std::sqrt(change / norm), 0.15);
  for (std::size_t i = 0; i < full.losses.size(); ++i) EXPECT_NEAR(mixed.losses[i], full.losses[i], 0.02);
}

}  // namespace
}  // namespace jetpinn
