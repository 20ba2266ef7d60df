#include "jetpinn/classify/image_engine.hpp"

#include "jetpinn/classify/image_batches.hpp"
#include "jetpinn/classify/validation.hpp"
#include "jetpinn/train/objective.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

namespace jetpinn {
namespace {

constexpr std::int64_t images = 103;

ImageSet some_images() {
  ImageSet set{{1, 8, 8}, 4, {}, {}};
  for (std::int64_t i = 0; i < images; ++i) set.labels.push_back(static_cast<std::int32_t>(i % 3));
  for (std::int64_t k = 0; k < images * set.shape.values(); ++k)
    set.pixels.push_back(static_cast<std::uint8_t>(k * k % 251));
  return set;
}

struct Step {
  double loss = 0;
  std::vector<double> gradient, terms;
};

struct Case {
  Case() : engine({"simple_cnn", set.shape, set.classes}, set, {true, 1, 0}, 3) {
    std::vector<std::int64_t> order(images);
    std::iota(order.rbegin(), order.rend(), 0);
    std::vector<double> weights(images);
    for (std::int64_t i = 0; i < images; ++i) weights[static_cast<std::size_t>(i)] = 1 + 0.5 * std::sin(i);
    engine.take(order, 2, weights);
    parameters = initial_parameters(blocks_of({"simple_cnn", set.shape, set.classes}), 1);
    points.terms.resize(image_terms);
  }

  // The step's images dealt to `ranks`, of which this one is `rank`; summed over the ranks that there are.
  Step step(bool exact, int rank, int ranks) {
    TermPoints& own = points.terms[cross_entropy];
    own.blocks = blocks_of_rank(images, images_of_block, rank, ranks);
    own.local_count = rows_of(own.blocks);
    own.global_count = images;
    DistributedObjective objective(test::world(), engine, points, engine.parameters(), image_terms, exact, 60, {});
    Step result;
    result.gradient.resize(parameters.size());
    result.loss = objective.evaluate(parameters.data(), result.gradient.data()).loss;
    result.terms = objective.agreed().terms;
    return result;
  }

  ImageSet set = some_images();
  ImageEngine engine;
  PointSet points;
  std::vector<double> parameters;
};

// This rank alone does what all do together.
Step alone(Case& work) {
  ExactSum total(work.engine.parameters() + 2 * image_terms);
  TermPoints& own = work.points.terms[cross_entropy];
  own.blocks = blocks_of_rank(images, images_of_block, 0, 1);
  own.global_count = images;
  work.engine.loss_and_gradient_exact({}, work.parameters.data(), work.points, total);
  Step result;
  for (std::int64_t p = 0; p < work.engine.parameters(); ++p) result.gradient.push_back(total.value(p));
  result.loss = total.value(work.engine.parameters() + cross_entropy);
  for (std::int64_t t = 0; t < image_terms; ++t)
    result.terms.push_back(total.value(work.engine.parameters() + image_terms + t));
  return result;
}

TEST(ImageEngine, ExactSumsHaveTheSameBitsOnAnyNumberOfRanks) {
  Case work;
  const Step one = alone(work), all = work.step(true, test::world().rank(), test::world().size());
  EXPECT_EQ(all.gradient, one.gradient);
  EXPECT_EQ(all.terms, one.terms);
  EXPECT_EQ(all.loss, one.loss);
  EXPECT_GT(std::abs(*std::max_element(one.gradient.begin(), one.gradient.end())), 0);
}

TEST(ImageEngine, LossesOfImagesHaveTheSameBitsOnAnyNumberOfRanks) {
  Case work;
  std::vector<double> one(images), all(images);
  TermPoints points;
  points.blocks = blocks_of_rank(images, images_of_block, 0, 1);
  work.engine.residuals({}, work.parameters.data(), cross_entropy, points, one.data());
  points.blocks = blocks_of_rank(images, images_of_block, test::world().rank(), test::world().size());
  if (!points.blocks.empty())
    work.engine.residuals({}, work.parameters.data(), cross_entropy, points, all.data() + points.blocks.front().first);
  test::world().sum("test", all.data(), images);
  EXPECT_EQ(all, one);
}

// In fp32 each entry of a gradient is off by some epsilons of the terms it is the sum of; of their norm, by fewer.
TEST(ImageEngine, PlainSumsAreTheSameToRounding) {
  Case work;
  const Step one = alone(work), all = work.step(false, test::world().rank(), test::world().size());
  double change = 0, norm = 0;
  for (std::size_t p = 0; p < one.gradient.size(); ++p) {
    change += std::pow(all.gradient[p] - one.gradient[p], 2);
    norm += std::pow(one.gradient[p], 2);
  }
  const double epsilon = std::numeric_limits<float>::epsilon();
  EXPECT_LT(std::sqrt(change / norm), 100 * epsilon);
  EXPECT_NEAR(all.loss, one.loss, 10 * epsilon * one.loss);
  EXPECT_NEAR(all.terms[wrong], one.terms[wrong], 1e-12);
  EXPECT_GT(one.terms[wrong], 0);
  EXPECT_LT(one.terms[wrong], 1);
}

TEST(ImageEngine, ValidationIsThatOfOneRank) {
  Case work;
  const std::unique_ptr<GradientSync> sync = make_gradient_sync(test::world());
  const Validation all = validate_images(work.engine, {test::world(), *sync, true, 60}, work.parameters.data(), work.set);
  double loss = 0, right = 0;
  work.engine.visit(work.parameters.data(), work.set, blocks_of_rank(images, ImageEngine::images_of_pass, 0, 1),
                    [&](std::int64_t first, std::int64_t count, const double* losses, const double* logits) {
                      loss += std::accumulate(losses, losses + count, 0.0);
                      for (std::int64_t i = 0; i < count; ++i)
                        right += std::max_element(logits + 4 * i, logits + 4 * i + 4) - (logits + 4 * i) ==
                                 work.set.labels[static_cast<std::size_t>(first + i)];
                    });
  EXPECT_DOUBLE_EQ(all.loss, loss / images);
  EXPECT_DOUBLE_EQ(all.accuracy, right / images);
  EXPECT_EQ(all.accuracy_of_class.size(), 4u);
  EXPECT_TRUE(std::isnan(all.accuracy_of_class[3])) << "there is no image of it";
}

// The first of logits that are no numbers is no class: a model that is lost has no right ones.
TEST(ImageEngine, LogitsThatAreNoNumbersNameNoClass) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), lost[] = {nan, nan, nan}, equal[] = {1, 2, 2};
  for (std::int64_t label = 0; label < 3; ++label) EXPECT_FALSE(names_class(lost, 3, label)) << label;
  EXPECT_FALSE(names_class(equal, 3, 0));
  EXPECT_TRUE(names_class(equal, 3, 1));
  EXPECT_FALSE(names_class(equal, 3, 2)) << "of equal ones the first counts";
}

}  // namespace
}  // namespace jetpinn
