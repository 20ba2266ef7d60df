#include "jetpinn/classify/image_gate.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/classify/image_batches.hpp"
#include "jetpinn/gate/selection.hpp"
#include "jetpinn/sampling/random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace jetpinn {
namespace {

constexpr const char* phase = "gate";

// Over numbers that are finite; 0 where there are none.
double mean_of(const std::vector<double>& column) {
  double sum = 0, count = 0;
  for (const double value : column)
    if (std::isfinite(value)) sum += value, ++count;
  return count > 0 ? sum / count : 0;
}

template <class T>
std::vector<T> at(const std::vector<T>& column, const std::vector<std::int64_t>& places) {
  std::vector<T> values;
  for (const std::int64_t place : places) values.push_back(column[static_cast<std::size_t>(place)]);
  return values;
}

}  // namespace

ImageGate::ImageGate(Communicator& communicator, const GateOptions& options, std::int64_t images, std::uint64_t seed)
    : communicator_(communicator), options_(options), seed_(seed), controller_(options.target, options.controller) {
  if (!active()) return;
  for (std::vector<double>* column : {&scores_.residual, &scores_.before, &scores_.trained})
    column->assign(static_cast<std::size_t>(images), 0.0);
}

ImageGate::Chosen ImageGate::choose(const std::vector<std::int64_t>& candidates, std::int64_t epoch, std::int64_t step,
                                    ImageEngine& engine, const std::vector<double>& parameters) {
  just_scored_ = false;
  if (!active() || warms_up(epoch)) return {candidates, {}};
  if (options_.scores() && (epoch - options_.warm_up) % options_.refresh == 0) score(candidates, epoch, engine, parameters);
  const SampleScores own{
      at(scores_.residual, candidates), at(scores_.before, candidates), {}, at(scores_.trained, candidates)};
  const ScoreMeans means{mean_of(scores_.residual), mean_of(changes_of(scores_)), 0};
  const std::vector<double> significance = significances(own, means, options_.significance, options_.target, 1, epoch);
  const std::vector<std::int64_t> probabilities =
      inclusion_probabilities(significance, controller_.threshold(), options_.uniform * options_.target, options_.uniform);
  expected_ =
      static_cast<double>(sum_of(probabilities)) / (static_cast<double>(certain) * static_cast<double>(candidates.size()));
  const auto word = random_words({seed_, 0, 0}, Draw::gate, static_cast<std::uint64_t>(step))[0];
  const std::vector<std::int64_t> taken =
      take_samples(probabilities, 0, static_cast<std::int64_t>(word >> (64 - probability_bits)));
  Chosen chosen{at(candidates, taken), {}};
  // A mean over n chosen ones of n / (N p) times their losses is the sum of loss / p, over the N candidates.
  const double share = static_cast<double>(taken.size()) / static_cast<double>(candidates.size());
  for (const std::int64_t i : taken)
    if (options_.unbiased) chosen.weights.push_back(share * importance_weight(probabilities[static_cast<std::size_t>(i)]));
  return chosen;
}

ResidualsKnown ImageGate::listener(std::int64_t chosen) {
  heard_.assign(static_cast<std::size_t>(chosen), 0.0);
  return [this](int, std::int64_t first, std::int64_t count, const double* losses) {
    std::copy_n(losses, count, heard_.begin() + first);
  };
}

void ImageGate::take_losses(const std::vector<std::int64_t>& images) {
  if (communicator_.size() > 1) communicator_.sum(phase, heard_.data(), static_cast<std::int64_t>(heard_.size()));
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto image = static_cast<std::size_t>(images[i]);
    scores_.before[image] = scores_.residual[image] == 0 ? heard_[i] : scores_.residual[image];
    scores_.residual[image] = heard_[i];
  }
}

// As the images will be trained: with what augments them in this epoch.
void ImageGate::score(const std::vector<std::int64_t>& candidates, std::int64_t epoch, ImageEngine& engine,
                      const std::vector<double>& parameters) {
  const ScopedRegion region(Region::sampling, "jetpinn::gate");
  const auto count = static_cast<std::int64_t>(candidates.size());
  heard_.assign(candidates.size(), 0.0);
  communicator_.agree(phase, [&] {
    TermPoints points;
    points.blocks = blocks_of_rank(count, images_of_block, communicator_.rank(), communicator_.size());
    points.local_count = rows_of(points.blocks);
    points.global_count = count;
    engine.take(candidates, epoch);
    if (!points.blocks.empty())
      engine.residuals({}, parameters.data(), cross_entropy, points, heard_.data() + points.blocks.front().first);
  });
  take_losses(candidates);
  scored_ += count;
  just_scored_ = true;
}

// A step takes a few images, at times none: the controller follows the sum of their probabilities, which has no rounding.
// That sum scatters from batch to batch, and the controller holds the mean of the rate's logarithm, which lies below that of
// the rate: it is told the rate whose logarithm is off by as much as the rate itself is.
double ImageGate::told_rate() const {
  return options_.target * std::exp(std::clamp(expected_ / options_.target - 1, -1.0, 1.0));
}

void ImageGate::account(const std::vector<std::int64_t>& images, std::int64_t epoch) {
  if (!active()) return;
  if (!just_scored_) take_losses(images);
  for (const std::int64_t image : images) scores_.trained[static_cast<std::size_t>(image)] = static_cast<double>(epoch + 1);
  if (!warms_up(epoch)) controller_.account(told_rate());
}

State ImageGate::state() {
  if (!active()) return {};
  State all = {
      {"scored", &scored_}, {"loss", &scores_.residual}, {"loss_before", &scores_.before}, {"trained", &scores_.trained}};
  append(all, "controller", controller_.state());
  return all;
}

}  // namespace jetpinn
