#include "jetpinn/classify/image_gate.hpp"

#include "jetpinn/classify/image_batches.hpp"
#include "jetpinn/comm/gradient_sync.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace jetpinn {
namespace {

constexpr std::int64_t gated_images = 400, candidates = 100;
constexpr int steps_of_epoch = gated_images / candidates;

GateOptions gate_options(double target) {
  GateOptions options;
  options.target = target;
  options.warm_up = 1;
  options.refresh = 2;
  return options;
}

ImageSet gated_set() {
  ImageSet set{{1, 4, 4}, 3, {}, {}};
  for (std::int64_t i = 0; i < gated_images; ++i) set.labels.push_back(static_cast<std::int32_t>(i % 3));
  for (std::int64_t k = 0; k < gated_images * set.shape.values(); ++k)
    set.pixels.push_back(static_cast<std::uint8_t>(k * k % 241));
  return set;
}

// A gate at work, without an optimiser: what an image loses in a step is a function of its number and the step, told by the
// rank that holds it.
struct Gated {
  explicit Gated(double target, std::int64_t batch = candidates)
      : gate(test::world(), gate_options(target), gated_images, 3), batches(gated_images, batch, 3) {}

  std::vector<std::int64_t> step(std::int64_t number) {
    const std::vector<std::int64_t> all = batches.images_of(number);
    const std::int64_t epoch = batches.epoch_of(number);
    ImageGate::Chosen chosen = gate.choose(all, epoch, number, engine, parameters);
    weights = chosen.weights;
    const auto count = static_cast<std::int64_t>(chosen.images.size());
    const ResidualsKnown hear = gate.listener(count);
    for (const Block& block : blocks_of_rank(count, images_of_block, test::world().rank(), test::world().size())) {
      std::vector<double> losses;
      for (std::int64_t i = block.first; i < block.first + block.count; ++i)
        losses.push_back(loss_of(chosen.images[static_cast<std::size_t>(i)]));
      hear(cross_entropy, block.first, block.count, losses.data());
    }
    gate.account(chosen.images, epoch);
    return chosen.images;
  }
  // One image in ten matters.
  static double loss_of(std::int64_t image) { return image % 10 == 0 ? 2 : 0.05 + 1e-3 * static_cast<double>(image % 7); }

  ImageSet set = gated_set();
  ImageEngine engine{{"linear", {1, 4, 4}, 3}, set, {}, 3};
  std::vector<double> parameters = initial_parameters(blocks_of({"linear", {1, 4, 4}, 3}), 3);
  ImageGate gate;
  ImageBatches batches;
  std::vector<double> weights;
};

TEST(ImageGate, EverythingIsTrainedUntilItIsWarm) {
  Gated gated(0.1);
  for (int step = 0; step < steps_of_epoch; ++step) {
    EXPECT_EQ(gated.step(step), gated.batches.images_of(step));
    EXPECT_TRUE(gated.weights.empty());
  }
  for (int step = steps_of_epoch; step < 3 * steps_of_epoch; ++step) gated.step(step);  // the threshold rises from 1
  EXPECT_LT(gated.step(3 * steps_of_epoch).size(), candidates / 2);
  Gated open(1);
  EXPECT_EQ(open.step(40), open.batches.images_of(40)) << "a target of 1 is no gate";
  EXPECT_TRUE(open.gate.state().empty());
}

// All ranks choose alike, and as one alone would: sums of the images' numbers are told from one to the others.
TEST(ImageGate, RanksChooseAlikeAndHoldTheRate) {
  Gated gated(0.1);
  double trained = 0;
  constexpr int first = 10 * steps_of_epoch, last = 20 * steps_of_epoch;
  for (int step = 0; step < last; ++step) {
    const std::vector<std::int64_t> images = gated.step(step);
    EXPECT_EQ(images.size(), std::set<std::int64_t>(images.begin(), images.end()).size());
    const double sum = std::accumulate(images.begin(), images.end(), 0.0);
    for (const double other : test::world().gather("test", sum)) ASSERT_EQ(other, sum) << step;
    if (step >= first) trained += static_cast<double>(images.size());
  }
  EXPECT_NEAR(trained / ((last - first) * candidates), 0.1, 0.005);
}

// Of 16 candidates one is taken in the mean, and none in many a step.
TEST(ImageGate, AFewCandidatesHoldTheRateToo) {
  constexpr std::int64_t few = 16, steps = gated_images / few;
  Gated gated(0.06, few);
  double trained = 0;
  for (std::int64_t step = 0; step < 20 * steps; ++step) {
    const std::size_t taken = gated.step(step).size();
    if (step < 2 * steps) continue;
    EXPECT_LE(taken, few / 2) << step;
    trained += static_cast<double>(taken);
  }
  EXPECT_NEAR(trained / static_cast<double>(18 * steps * few), 0.06, 0.005);
}

// The mean over the chosen of weighted losses is the mean over all candidates, in the mean over many steps. Losses of an
// epoch without scoring are those that the test tells; their weighted sum has a standard deviation of less than a half of
// itself in a step, for every loss counts with at least a tenth of its probability.
TEST(ImageGate, WeightsMakeTheMeanThatOfAllCandidates) {
  Gated gated(0.1);
  double estimate = 0, exact = 0;
  int steps = 0;
  for (int step = 0; step < 40 * steps_of_epoch; ++step) {
    const std::vector<std::int64_t> images = gated.step(step);
    if (gated.weights.empty()) continue;
    for (std::size_t i = 0; i < images.size(); ++i)
      estimate += gated.weights[i] * Gated::loss_of(images[i]) / static_cast<double>(images.size());
    for (const std::int64_t image : gated.batches.images_of(step)) exact += Gated::loss_of(image) / candidates;
    ++steps;
  }
  EXPECT_NEAR(estimate / exact, 1, 5 * 0.5 / std::sqrt(steps));
}

TEST(ImageGate, GoesOnFromItsState) {
  Gated whole(0.2), parts(0.2);
  for (int step = 0; step < 5 * steps_of_epoch; ++step) whole.step(step);
  restore(parts.gate.state(), capture(whole.gate.state()));
  for (int step = 5 * steps_of_epoch; step < 8 * steps_of_epoch; ++step) {
    EXPECT_EQ(parts.step(step), whole.step(step));
    EXPECT_EQ(parts.weights, whole.weights);
  }
  EXPECT_EQ(parts.gate.scored(), whole.gate.scored());
  // Each of them matters.
  for (const StateItem& item : whole.gate.state()) {
    if (item.name == "scored") continue;
    Gated other(0.2);
    StateValues values = capture(whole.gate.state());
    StateValues of_other = capture(other.gate.state());
    values[item.name] = of_other[item.name];
    restore(other.gate.state(), values);
    Gated same(0.2);
    restore(same.gate.state(), capture(whole.gate.state()));
    bool differs = false;
    for (int step = 10 * steps_of_epoch; step < 14 * steps_of_epoch; ++step)  // not one that scores first
      differs = other.step(step) != same.step(step) || differs;
    EXPECT_TRUE(differs) << item.name;
  }
}

}  // namespace
}  // namespace jetpinn
