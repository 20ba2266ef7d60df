#include "jetpinn/classify/image_engine.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/exact_sum.hpp"
#include "jetpinn/base/region.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace jetpinn {
namespace {

void resize(ImageBatch& batch, std::int64_t count, std::int64_t values) {
  batch.count = count;
  batch.images.resize(static_cast<std::size_t>(count * values));
  batch.labels.resize(static_cast<std::size_t>(count));
  batch.weights.assign(static_cast<std::size_t>(count), 1.0);
}

}  // namespace

bool names_class(const double* logits, std::int64_t classes, std::int64_t label) {
  return !std::isnan(logits[label]) && std::max_element(logits, logits + classes) - logits == label;
}

ImageEngine::ImageEngine(const ModelOptions& model, const ImageSet& images, const AugmentOptions& augment,
                         std::uint64_t seed)
    : model_(model),
      images_(images),
      augment_(augment),
      seed_(seed),
      scales_(scales_of(images)),
      parameters_(parameters_of(blocks_of(model))),
      flop_(forward_flop(blocks_of(model))),
      bytes_(static_cast<double>(pass_values(model)) * (model.precision == ModelPrecision::fp64 ? 8.0 : 4.0)),
      network_(make_image_model(model)) {}

void ImageEngine::take(std::vector<std::int64_t> images, std::int64_t epoch, std::vector<double> weights) {
  JETPINN_CHECK(weights.empty() || weights.size() == images.size(), "a weight for each image");
  taken_ = std::move(images);
  weights_ = std::move(weights);
  epoch_ = epoch;
}

void ImageEngine::fill(std::int64_t first, std::int64_t count) {
  const ScopedRegion region(Region::sampling);
  const std::int64_t values = images_.shape.values();
  resize(batch_, count, values);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto position = static_cast<std::size_t>(first + i);
    const std::int64_t image = taken_[position];
    normalise(images_, image, change_of(augment_, images_.shape, seed_, epoch_, image), augment_.cutout, scales_,
              batch_.images.data() + i * values);
    batch_.labels[static_cast<std::size_t>(i)] = images_.labels[static_cast<std::size_t>(image)];
    if (!weights_.empty()) batch_.weights[static_cast<std::size_t>(i)] = weights_[position];
  }
  losses_.resize(static_cast<std::size_t>(count));
  logits_.resize(static_cast<std::size_t>(count * model_.classes));
}

bool ImageEngine::is_wrong(std::int64_t i) const {
  return !names_class(logits_.data() + i * model_.classes, model_.classes, batch_.labels[static_cast<std::size_t>(i)]);
}

void ImageEngine::add(std::int64_t first, std::int64_t count, double share, double* gradient, double* sums) {
  fill(first, count);
  for (double& weight : batch_.weights) weight *= share;
  network_->loss_and_gradient(batch_, losses_.data(), logits_.data(), gradient);
  count_work(count, 3);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    sums[cross_entropy] += batch_.weights[at] * losses_[at];
    sums[image_terms + cross_entropy] += share * losses_[at];
    sums[image_terms + wrong] += is_wrong(i) ? share : 0;
  }
  if (residuals_known_) residuals_known_(cross_entropy, first, count, losses_.data());
}

void ImageEngine::loss_and_gradient(Stream, const double* parameters, const PointSet& points, double* gradient,
                                    TermSums& sums) {
  const TermPoints& images = points.terms[cross_entropy];
  std::fill_n(gradient, parameters_, 0.0);
  std::array<double, 2 * image_terms> all{};
  network_->use(parameters);
  for (const Block& run : joined_blocks(images.blocks, images_of_pass))
    add(run.first, run.count, 1 / static_cast<double>(images.global_count), gradient, all.data());
  sums.weighted.assign(all.begin(), all.begin() + image_terms);
  sums.unweighted.assign(all.begin() + image_terms, all.end());
}

void ImageEngine::loss_and_gradient_exact(Stream, const double* parameters, const PointSet& points, ExactSum& total) {
  const TermPoints& images = points.terms[cross_entropy];
  std::vector<double> gradient(static_cast<std::size_t>(parameters_));
  network_->use(parameters);
  for (const Block& block : images.blocks) {
    std::fill(gradient.begin(), gradient.end(), 0.0);
    std::array<double, 2 * image_terms> sums{};
    add(block.first, block.count, 1 / static_cast<double>(images.global_count), gradient.data(), sums.data());
    total.add(0, gradient.data(), parameters_);
    for (std::int64_t k = 0; k < 2 * image_terms; ++k) total.add(parameters_ + k, sums[static_cast<std::size_t>(k)]);
  }
}

void ImageEngine::residuals(Stream, const double* parameters, int term, const TermPoints& points, double* residuals) {
  JETPINN_CHECK(term == cross_entropy, "the loss of an image is the one residual");
  network_->use(parameters);
  for (const Block& block : points.blocks) {
    fill(block.first, block.count);
    network_->losses(batch_, losses_.data(), logits_.data());
    count_work(block.count, 1);
    residuals = std::copy_n(losses_.begin(), block.count, residuals);
  }
}

void ImageEngine::visit(const double* parameters, const ImageSet& set, const std::vector<Block>& blocks,
                        const SeeLosses& see) {
  const std::int64_t values = set.shape.values();
  network_->use(parameters);
  for (const Block& block : blocks) {
    resize(batch_, block.count, values);
    losses_.resize(static_cast<std::size_t>(block.count));
    logits_.resize(static_cast<std::size_t>(block.count * model_.classes));
    for (std::int64_t i = 0; i < block.count; ++i) {
      normalise(set, block.first + i, {}, 0, scales_, batch_.images.data() + i * values);
      batch_.labels[static_cast<std::size_t>(i)] = set.labels[static_cast<std::size_t>(block.first + i)];
    }
    network_->losses(batch_, losses_.data(), logits_.data());
    count_work(block.count, 1);
    see(block.first, block.count, losses_.data(), logits_.data());
  }
}

}  // namespace jetpinn
