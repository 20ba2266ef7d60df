// What a training tells its profiler: engines, memory, evaluations, and when an interval ends. Nothing of it is state of the
// run, and nothing that only one rank knows decides what ranks do together.
#pragma once

#include "jetpinn/base/kernel_work.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/profile/peaks.hpp"
#include "jetpinn/profile/profiler.hpp"
#include "jetpinn/train/objective.hpp"
#include "jetpinn/train/observer.hpp"
#include "jetpinn/train/trainer.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace jetpinn {

class Profiling {
 public:
  // Both outlive it.
  Profiling(Communicator& communicator, const TrainSetup& setup);

  // The engine at work goes; what it has done stays counted.
  void retire_engine();
  // From now on this engine works. memory: that this rank has then, without resident and peak; points: of this rank.
  // Collective.
  void use(const Engine& engine, const MemoryRecord& memory, std::int64_t points);

  // Collective: opens the files. `agreed_s`: seconds of training, equal on every rank, here and below.
  void start(std::int64_t step, std::int64_t evaluations, double agreed_s);
  void begin_step() noexcept;
  void end_step() noexcept;
  // Collective when the interval is over, which all ranks find alike.
  void close_if_due(DistributedObjective& objective, std::int64_t step, double agreed_s);
  // Collective: at the end of a stage, after a checkpoint.
  void close(DistributedObjective& objective, std::int64_t step, double agreed_s);
  // Collective: the last record and profile/summary.json; fills in what the summary says of memory and time of all ranks.
  void finish(DistributedObjective& objective, std::int64_t step, double agreed_s, RunSummary& summary);
  void fail(const DistributedObjective& objective, std::int64_t step) noexcept;   // not collective

  // Why a line of this rank could not be written; empty: all were.
  std::string failure() const { return profiler_ ? profiler_->failure() : std::string(); }

  // s that the peaks allow for all the kernels' work so far; without peaks, for its products at
  // the rate measured at the start.
  double roofline_s() const;
  double memory_efficiency() const;   // minimum / used; 0: unknown

 private:
  ProfileFacts facts(const DistributedObjective& objective, std::int64_t step) const;
  double engine_roofline_s() const;
  double mean_over_ranks(double value) const;   // collective

  Communicator& communicator_;
  const TrainSetup& setup_;
  std::optional<Profiler> profiler_;   // empty: output.profile.detail is off
  const Engine* engine_ = nullptr;
  EngineWork retired_;                 // of engines that went
  double retired_s_ = 0;
  std::optional<MachinePeaks> machine_;   // empty before the first engine
  Peaks peaks_;                        // of it, in the precision of the engine
  MemoryRecord memory_;
  std::int64_t points_ = 0;  // of this rank, in the stage at work
};

// One step of the loop: times it, and labels it for those who listen.
class ProfiledStep {
 public:
  explicit ProfiledStep(Profiling& profiling) : profiling_(profiling) {
    profiling_.begin_step();
    label_.emplace("jetpinn::step");
  }
  ~ProfiledStep() {
    label_.reset();
    profiling_.end_step();
  }
  ProfiledStep(const ProfiledStep&) = delete;
  ProfiledStep& operator=(const ProfiledStep&) = delete;

 private:
  Profiling& profiling_;
  std::optional<ScopedLabel> label_;
};

}  // namespace jetpinn
