// An engine whose points are the images of a step: it gives the loss of a model and its gradient, so that what sums, checks
// and steps for problems does so for images.
#pragma once

#include "jetpinn/engine/engine.hpp"
#include "jetpinn/vision/augment.hpp"
#include "jetpinn/vision/image_model.hpp"
#include "jetpinn/vision/image_set.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// Its terms: the mean cross-entropy, which is the loss, and the share of images whose class is not the likeliest one, which
// has no weight in it.
enum ImageTerm : int { cross_entropy, wrong, image_terms };

// Whether logits [classes] of an image name its class. Logits that are no numbers name none.
bool names_class(const double* logits, std::int64_t classes, std::int64_t label);

class ImageEngine : public Engine {
 public:
  // images: those that are trained on, outlive it. Loads LibTorch.
  ImageEngine(const ModelOptions& model, const ImageSet& images, const AugmentOptions& augment, std::uint64_t seed);

  // The images of the next steps: position p of the points is images[p], in this epoch. weights: [images] of their losses;
  // empty: 1.
  void take(std::vector<std::int64_t> images, std::int64_t epoch, std::vector<double> weights = {});

  void loss_and_gradient(Stream stream, const double* parameters, const PointSet& points, double* gradient,
                         TermSums& sums) override;
  void loss_and_gradient_exact(Stream stream, const double* parameters, const PointSet& points, ExactSum& total) override;
  // Of cross_entropy: the loss of each image, unweighted. Block by block, so that it does not depend on which of them a rank
  // holds: LibTorch's last bits do depend on what else is in a batch.
  void residuals(Stream stream, const double* parameters, int term, const TermPoints& points, double* residuals) override;

  // Of this rank's blocks of other images, without augmentation, in the model's present parameters: sees (first, count,
  // losses [count], logits [count, classes]) for each block. labels are those of the set.
  using SeeLosses = std::function<void(std::int64_t first, std::int64_t count, const double* losses, const double* logits)>;
  void visit(const double* parameters, const ImageSet& set, const std::vector<Block>& blocks, const SeeLosses& see);

  Precision precision() const override {
    return model_.precision == ModelPrecision::fp64 ? Precision::fp64 : Precision::fp32;
  }
  std::string backend() const override { return "libtorch"; }
  std::int64_t pool_bytes() const override { return 0; }  // LibTorch allocates by itself
  std::int64_t chunk() const override { return images_of_pass; }
  EngineWork work() const override { return work_; }
  double product_rate() const override { return 0; }

  const ChannelScales& scales() const { return scales_; }
  std::int64_t parameters() const { return parameters_; }

  static constexpr std::int64_t images_of_pass = 256;  // that a model is given at once, where sums need not be exact

 private:
  void fill(std::int64_t first, std::int64_t count);  // the batch: positions first .. first + count - 1
  // Of those positions: gradient [parameters] is added to, sums [2 * image_terms] of weighted, then unweighted shares.
  void add(std::int64_t first, std::int64_t count, double share, double* gradient, double* sums);
  bool is_wrong(std::int64_t i) const;  // image i of the batch, by its logits
  // A pass forward is one, one in reverse two: there are as many products for the values as for the parameters.
  void count_work(std::int64_t images, double passes) {
    jetpinn::add(work_.product, {flop_, bytes_}, passes * static_cast<double>(images));
  }

  const ModelOptions model_;
  const ImageSet& images_;
  const AugmentOptions augment_;
  const std::uint64_t seed_;
  const ChannelScales scales_;
  std::int64_t parameters_;
  double flop_, bytes_;  // of an image forward
  std::unique_ptr<ImageModel> network_;
  std::vector<std::int64_t> taken_;
  std::vector<double> weights_;
  std::int64_t epoch_ = 0;
  ImageBatch batch_;
  std::vector<double> losses_, logits_;  // of the batch
  EngineWork work_;
};

}  // namespace jetpinn
