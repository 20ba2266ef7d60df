// The stage at work: its options, its engine and its optimiser, and how far the stages have come.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/engine_maker.hpp"
#include "jetpinn/train/options.hpp"
#include "jetpinn/train/stage_ends.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace jetpinn {

// In what a stage differs from what is computed with now.
struct StageChange {
  bool precision = false, constants = false, weights = false, points = false;

  bool loss() const { return constants || weights; }   // it is another function: losses are not compared
  bool engine() const { return precision || loss(); }  // it takes another engine
  bool any() const { return engine() || points; }
};

class CurrentStage {
 public:
  // All outlive it. device: where optimisers compute; null: on the host.
  CurrentStage(Communicator& communicator, const TrainingOptions& training, Assembly& assembly,
               VectorDevice* device = nullptr);

  // Goes to the first stage that has steps and makes its engine. Collective: all that any stage measures is measured here,
  // so that the first checkpoint holds it.
  void begin_run();
  // Of a checkpoint: takes up the stage and the measured products, and makes engine and optimiser, whose own state is
  // restored afterwards. Collective where it measures. Throws Error (storage).
  void resume(const StateValues& values);
  void extend();  // the plan is longer now: the last stage goes on, whatever its optimiser said

  // Makes the optimiser. False: the stage was resumed, and has optimiser and engine already.
  bool begin();
  StageChange change() const;  // to the stage, until it is entered
  void enter();                // the assembly and the engine become those of the stage; collective where one is made
  void forget_losses() { ends_.objective_changed(); }
  void account(const StepReport& report) { ends_.account(number_, report); }   // after every step
  bool has_step() const;                                                       // the stage has another one
  void next() { ++number_; }
  bool past_last() const;

  std::int64_t number() const { return number_; }
  std::int64_t last() const;   // the stage at work; behind the last one, the last
  bool none() const { return training_.stages.empty(); }
  const StageOptions& options() const;   // of last(); there is a stage
  const StageEnds& ends() const { return ends_; }
  Engine& engine() { return *engine_; }
  GraphCounts graphs() const;  // of all stages' engines
  Optimizer& optimizer() { return *optimizer_; }
  // Engines that compute other terms in fp64, whatever the stage. Collective where they measure.
  std::unique_ptr<Engine> make_engine_aside(const std::vector<EngineTerm>& terms) const {
    return engines_.make_aside(Precision::fp64, assembly_.network, terms);
  }
  // Of the fields and the monitors.
  std::unique_ptr<Engine> make_fields_engine() const { return make_engine_aside(assembly_.evaluated()); }

  State state();

 private:
  Precision precision() const;
  void make_optimizer();

  Communicator& communicator_;
  const TrainingOptions& training_;
  Assembly& assembly_;  // of the stage at work
  VectorDevice* device_;
  std::int64_t number_ = 0;
  EngineMaker engines_;
  StageEnds ends_;
  std::unique_ptr<Engine> engine_;
  GraphCounts graphs_before_;  // of engines that were exchanged
  Precision engine_precision_ = Precision::fp64;
  std::unique_ptr<Optimizer> optimizer_;
  bool resumed_ = false;
};

}  // namespace jetpinn
