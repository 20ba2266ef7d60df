#include "jetpinn/libtorch/sparse_vit.hpp"

#include "jetpinn/libtorch/tensors.hpp"
#include "support/expect_error.hpp"
#include "support/worst.hpp"

#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace jetpinn {
namespace {

// 16 patches and 2 global tokens; tiles of 2, of which a token sees its own and one chosen one.
ModelOptions small_vit() {
  ModelOptions options;
  options.kind = "sparse_vit";
  options.shape = {2, 8, 8};
  options.classes = 3;
  options.precision = ModelPrecision::fp64;
  options.vit.sparse = {2, 0, 0.1, 2};
  options.vit.patch = 2;
  options.vit.width = 12;
  options.vit.heads = 2;
  options.vit.depth = 2;
  options.vit.hidden = 10;
  return options;
}

ImageBatch some_images(const ModelOptions& options, std::int64_t count) {
  std::mt19937 generator(3);
  std::normal_distribution<float> normal;
  ImageBatch batch;
  batch.count = count;
  batch.images.resize(static_cast<std::size_t>(count * options.shape.values()));
  for (float& x : batch.images) x = normal(generator);
  for (std::int64_t i = 0; i < count; ++i) {
    batch.labels.push_back(i % options.classes);
    batch.weights.push_back(0.5 + 0.1 * static_cast<double>(i));
  }
  return batch;
}

struct EvaluatedVit {
  std::vector<double> losses, logits, gradient;
};

EvaluatedVit evaluate_vit(const ModelOptions& options, const std::vector<double>& parameters, const ImageBatch& batch) {
  const auto model = make_image_model(options);
  model->use(parameters.data());
  EvaluatedVit all{std::vector<double>(batch.labels.size()),
                   std::vector<double>(static_cast<std::size_t>(batch.count * options.classes)),
                   std::vector<double>(parameters.size())};
  model->loss_and_gradient(batch, all.losses.data(), all.logits.data(), all.gradient.data());
  return all;
}

// Larger ones than a training begins with, so that scores differ.
std::vector<double> vit_parameters(const ModelOptions& options) {
  std::vector<double> parameters = initial_parameters(blocks_of(options), 4);
  for (std::size_t i = 0; i < parameters.size(); ++i)
    parameters[i] = 1.5 * parameters[i] + 0.05 * std::sin(static_cast<double>(i));
  return parameters;
}

double vit_difference(const std::vector<double>& a, const std::vector<double>& b) {
  test::Worst worst;
  for (std::size_t i = 0; i < a.size(); ++i) worst.take(std::abs(a[i] - b[i]));
  return worst.value();
}

double weighted_loss(const ModelOptions& options, const std::vector<double>& parameters, const ImageBatch& batch) {
  const auto model = make_image_model(options);
  model->use(parameters.data());
  std::vector<double> losses(batch.labels.size()), logits(static_cast<std::size_t>(batch.count * options.classes));
  model->losses(batch, losses.data(), logits.data());
  double sum = 0;
  for (std::size_t i = 0; i < losses.size(); ++i) sum += batch.weights[i] * losses[i];
  return sum;
}

// Logits of size 1 and gradients of size 1 behind some hundred roundings.
constexpr double vit_tolerance = 1e-12;

TEST(SparseVit, WithAWindowOfTheWholeImageIsTheDenseOne) {
  ModelOptions options = small_vit(), dense = options;
  dense.vit.attention = AttentionKind::dense;
  const std::vector<double> parameters = vit_parameters(options);
  const ImageBatch batch = some_images(options, 5);
  const EvaluatedVit wanted = evaluate_vit(dense, parameters, batch);
  EXPECT_GT(vit_difference(evaluate_vit(options, parameters, batch).logits, wanted.logits), 1e-4);  // truly sparse
  options.vit.sparse.window = 64;
  const EvaluatedVit got = evaluate_vit(options, parameters, batch);
  EXPECT_LE(vit_difference(got.logits, wanted.logits), vit_tolerance);
  EXPECT_LE(vit_difference(got.gradient, wanted.gradient), vit_tolerance);
}

TEST(SparseVit, GradientIsThatOfDifferences) {
  const ModelOptions options = small_vit();
  const std::vector<double> parameters = vit_parameters(options);
  const ImageBatch batch = some_images(options, 3);
  const EvaluatedVit at = evaluate_vit(options, parameters, batch);
  std::mt19937 generator(8);
  std::normal_distribution<double> normal;
  std::vector<double> direction(parameters.size());
  double slope = 0, size = 0;
  for (std::size_t i = 0; i < direction.size(); ++i) {
    direction[i] = normal(generator);
    slope += direction[i] * at.gradient[i];
    size += std::abs(direction[i] * at.gradient[i]);
  }
  const auto loss_at = [&](double step) {
    std::vector<double> moved = parameters;
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += step * direction[i];
    return weighted_loss(options, moved, batch);
  };
  const double h = 1e-5;  // small, so that the same tiles are chosen; of fourth order
  const double difference = (8 * (loss_at(h) - loss_at(-h)) - (loss_at(2 * h) - loss_at(-2 * h))) / (12 * h);
  EXPECT_NEAR(difference, slope, 1e-9 * size);
}

TEST(SparseVit, GivesTheSameBitsAgain) {
  const ModelOptions options = small_vit();
  const std::vector<double> parameters = vit_parameters(options);
  const ImageBatch batch = some_images(options, 4);
  const EvaluatedVit one = evaluate_vit(options, parameters, batch), again = evaluate_vit(options, parameters, batch);
  EXPECT_EQ(one.logits, again.logits);
  EXPECT_EQ(one.gradient, again.gradient);
}

TEST(SparseVit, TakesBf16AndFp32) {
  ModelOptions options = small_vit();
  const std::vector<double> parameters = vit_parameters(options);
  const ImageBatch batch = some_images(options, 4);
  const EvaluatedVit wanted = evaluate_vit(options, parameters, batch);
  options.precision = ModelPrecision::fp32;
  EXPECT_LE(vit_difference(evaluate_vit(options, parameters, batch).logits, wanted.logits), 1e-4);
  // bf16 has 8 bits: with the rounding of a score another tile may be chosen, so that nothing tighter holds.
  options.precision = ModelPrecision::bf16;
  EXPECT_LE(vit_difference(evaluate_vit(options, parameters, batch).logits, wanted.logits), 1);
}

TEST(SparseVit, HasItsParameters) {
  ModelOptions options;
  options.kind = "sparse_vit";
  // 48 inputs and 192 units a patch; 4 global tokens and 64 positions; 4 blocks of 12 width^2 less what a hidden layer of
  // twice the width leaves out; the head.
  const std::int64_t d = 192, each = 4 * d + (3 * d * d + 3 * d) + (d * d + d) + (2 * d * d + 2 * d) + (2 * d * d + d);
  EXPECT_EQ(parameters_of(blocks_of(options)), 49 * d + 68 * d + 4 * each + 2 * d + 10 * (d + 1));
}

TEST(SparseVit, RefusesWhatIsNotWhole) {
  const auto refused = [](auto change, const char* words) {
    ModelOptions options = small_vit();
    change(options.vit);
    testing::expect_error(Status::usage, {words}, [&] { blocks_of(options); });
  };
  refused([](VitOptions& vit) { vit.patch = 3; }, "whole patches of 3 x 3");
  refused([](VitOptions& vit) { vit.heads = 5; }, "not made of 5 whole heads");
  refused([](VitOptions& vit) { vit.sparse.global = 0; }, "class token");
}

}  // namespace
}  // namespace jetpinn
