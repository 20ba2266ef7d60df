#include "jetpinn/train/current_stage.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/train/network_layout.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace jetpinn {

CurrentStage::CurrentStage(Communicator& communicator, const TrainingOptions& training, Assembly& assembly,
                           VectorDevice* device)
    : communicator_(communicator),
      training_(training),
      assembly_(assembly),
      device_(device),
      engines_(communicator, training, assembly.recomputed, device ? device->stream() : Stream{}),
      ends_(training.stages) {}

void CurrentStage::begin_run() {
  while (!past_last() && options().steps == 0) ++number_;
  assembly_.use_stage(last());
  for (const StageOptions& later : training_.stages)
    if (later.steps > 0 && training_.precision_of(later) != precision())
      engines_.make(training_.precision_of(later), assembly_.network, assembly_.terms);
  enter();
}

// What the others are made for comes first: the stage decides the optimiser and the engine, the recorded products the
// engine's bits.
void CurrentStage::resume(const StateValues& values) {
  State first = {{"stage", &number_}};
  append(first, "products", engines_.state());
  restore_part(first, values);
  if (number_ < 0 || past_last())
    throw Error(Status::storage,
                "the checkpoint is of stage " + std::to_string(number_) + ", which this config does not have");
  enter();
  make_optimizer();
  resumed_ = true;
}

// Where stages follow, this one has no more steps than it had: a run of the whole plan would have left it too.
void CurrentStage::extend() {
  if (static_cast<std::size_t>(number_) == training_.trained_stages().back()) ends_.go_on(number_);
}

bool CurrentStage::begin() {
  if (std::exchange(resumed_, false)) return false;
  make_optimizer();
  return true;
}

StageChange CurrentStage::change() const {
  const std::vector<Variant>& variants = assembly_.problem->variants;
  const Variant &now = variants[assembly_.variant], &next = variants[assembly_.variant_of(last())];
  return {precision() != engine_precision_, now.changed != next.changed, now.weights != next.weights,
          assembly_.choice != assembly_.choice_of(last())};
}

void CurrentStage::enter() {
  const bool stays = engine_ && !change().engine();
  assembly_.use_stage(last());
  if (stays) return;
  engine_precision_ = precision();
  graphs_before_ = graphs();
  engine_ = engines_.make(engine_precision_, assembly_.network, assembly_.terms);
}

GraphCounts CurrentStage::graphs() const {
  GraphCounts counts = graphs_before_;
  if (engine_) add(counts, engine_->graphs());
  return counts;
}

void CurrentStage::make_optimizer() {
  optimizer_ = jetpinn::make_optimizer(options().optimizer, parameter_layout(assembly_.network, assembly_.problem->trained),
                                       options().steps, device_, &communicator_);
}

bool CurrentStage::has_step() const { return ends_.steps(number_) < options().steps && !ends_.finished(number_); }

bool CurrentStage::past_last() const { return number_ >= static_cast<std::int64_t>(training_.stages.size()); }

std::int64_t CurrentStage::last() const {
  return std::max<std::int64_t>(std::min(number_, static_cast<std::int64_t>(training_.stages.size()) - 1), 0);
}

const StageOptions& CurrentStage::options() const { return training_.stages[static_cast<std::size_t>(last())]; }

Precision CurrentStage::precision() const { return none() ? training_.precision : training_.precision_of(options()); }

State CurrentStage::state() {
  State all = {{"stage", &number_}};
  append(all, "products", engines_.state());
  append(all, "optimizer", optimizer_->state());
  append(all, "stages", ends_.state());
  return all;
}

}  // namespace jetpinn
