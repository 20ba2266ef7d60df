#include "jetpinn/train/step_batches.hpp"

#include "jetpinn/base/region.hpp"
#include "jetpinn/train/term_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

// Points of a term in a step as the config has them; 0: all.
std::int64_t wanted_points(const SamplingOptions& sampling, std::size_t stage, const std::string& term) {
  if (stage < sampling.stage_batch.size()) {
    const auto own = sampling.stage_batch[stage].find(term);
    if (own != sampling.stage_batch[stage].end()) return own->second;
  }
  const auto found = sampling.batch.find(term);
  return found == sampling.batch.end() ? 0 : found->second;
}

bool takes_batches(const TrainingOptions& training, std::size_t stage) {
  return stage < training.stages.size() && !training.stages[stage].optimizer.searches();
}

}  // namespace

std::vector<BlockBatches> batches_of_stage(const Assembly& assembly, const TrainingOptions& training, std::size_t stage) {
  std::vector<BlockBatches> batches;
  if (!takes_batches(training, stage) || !has_batches(assembly.sampling)) return batches;
  const std::vector<std::int64_t>& counts = assembly.stage_points(stage).counts;
  bool parts = false;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t) {
    batches.emplace_back(counts[t], wanted_points(assembly.sampling, stage, assembly.terms[t].name), assembly.seed,
                         static_cast<std::uint32_t>(t));
    parts = parts || batches.back().number() > 1;
  }
  if (!parts) batches.clear();
  return batches;
}

std::string batches_text(const Assembly& assembly, const TrainingOptions& training, std::size_t stage) {
  const bool batched = takes_batches(training, stage);
  const StagePoints& points = assembly.stage_points(stage);
  std::vector<std::string> parts;
  for (std::size_t t = 0; t < assembly.terms.size(); ++t) {
    const std::string& name = assembly.terms[t].name;
    if (is_streamed(assembly, t)) {
      const SegmentOrder order = stream_order(assembly, points.chosen, t);
      parts.push_back(fmt::format("{} {} of {} rows ({})", name, order.largest(), order.count(),
                                  batched ? fmt::format("{} steps an epoch", order.steps()) : "the same in every step"));
    } else if (const std::int64_t wanted = wanted_points(assembly.sampling, stage, name); batched && wanted > 0) {
      const BlockBatches batches(points.counts[t], wanted, assembly.seed, static_cast<std::uint32_t>(t));
      parts.push_back(batches.number() == 1 ? fmt::format("{} all {} points", name, points.counts[t])
                                            : fmt::format("{} {} of {} points ({} batches)", name, batches.largest(),
                                                          points.counts[t], batches.number()));
    }
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::int64_t steps_of_epoch(const Assembly& assembly, const TrainingOptions& training, std::size_t stage) {
  std::int64_t longest = 1;
  for (const BlockBatches& batches : batches_of_stage(assembly, training, stage))
    longest = std::max(longest, batches.number());
  for (std::size_t t = 0; t < assembly.terms.size(); ++t)
    if (is_streamed(assembly, t) && takes_batches(training, stage))
      longest = std::max(longest, stream_order(assembly, assembly.stage_points(stage).chosen, t).steps());
  return longest;
}

// Runs that the rank's neighbouring blocks reach into give one block each.
std::int64_t most_points_of_rank(const BlockBatches& batches, const std::vector<Block>& held) {
  const std::int64_t blocks = static_cast<std::int64_t>(held.size()), number = batches.number();
  if (blocks == 0 || number == 1) return rows_of(held);
  return std::min((blocks + number - 2) / number + 1, blocks) * block_points;
}

StepBatches::StepBatches(const Assembly& assembly, const TrainingOptions& training)
    : assembly_(assembly),
      training_(training),
      any_(!assembly.choices.empty() || assembly.sampling.adaptive.grows() || has_streams(assembly)) {
  for (std::size_t stage = 0; stage < training.stages.size(); ++stage)
    any_ = any_ || (training.stages[stage].steps > 0 && !batches_of_stage(assembly, training, stage).empty());
}

void StepBatches::enter(std::int64_t stage) {
  batches_ = batches_of_stage(assembly_, training_, static_cast<std::size_t>(stage));
  longest_ = 1;
  for (const BlockBatches& batches : batches_) longest_ = std::max(longest_, batches.number());
  for (std::size_t t = 0; t < assembly_.terms.size(); ++t)
    if (is_streamed(assembly_, t) && takes_batches(training_, static_cast<std::size_t>(stage)))
      longest_ = std::max(
          longest_,
          stream_order(assembly_, assembly_.stage_points(static_cast<std::size_t>(stage)).chosen, t).steps_of_window());
  points_.terms.resize(batches_.size());
}

void StepBatches::points_changed(std::int64_t evaluations, std::int64_t more) { left_out_ += evaluations * more; }

void StepBatches::begin() {
  steps_ = known_at_ = 0;
  sum_ = loss_ = 0;
}

const PointSet& StepBatches::take(const PointSet& all, std::int64_t step) {
  taken_ = batches_.empty() ? &all : &points_;
  if (batches_.empty()) return all;
  const ScopedRegion region(Region::sampling);
  for (std::size_t t = 0; t < batches_.size(); ++t)
    points_.terms[t] = is_streamed(assembly_, t) ? all.terms[t] : points_of_blocks(all.terms[t], batches_[t].blocks(step));
  return points_;
}

// Epochs of all terms are counted from the first step of the run. An average is over a whole one: a stage that begins within
// an epoch waits for the next.
void StepBatches::account(std::int64_t step, double loss) {
  for (const TermPoints& term : taken_->terms) left_out_ -= term.global_count;
  left_out_ += assembly_.points();
  ended_ = std::numeric_limits<double>::infinity();
  sum_ += loss;
  ++steps_;
  if (step % longest_ != 0) return;
  const double average = sum_ / static_cast<double>(steps_);
  if (steps_ == longest_ && std::isfinite(average)) {
    loss_ = ended_ = average;
    known_at_ = step;
  }
  steps_ = 0;
  sum_ = 0;
}

State StepBatches::state() {
  if (!any_) return {};
  return {{"left_out", &left_out_}, {"loss", &loss_}, {"loss_step", &known_at_}, {"steps", &steps_}, {"sum", &sum_}};
}

}  // namespace jetpinn
