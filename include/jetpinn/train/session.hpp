// The state of a running training: what the loop in trainer.cpp steps through, and what a checkpoint keeps of it.
#pragma once

#include "jetpinn/base/error.hpp"
#include "jetpinn/base/state.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/best_network.hpp"
#include "jetpinn/train/checkpoints.hpp"
#include "jetpinn/train/energy.hpp"
#include "jetpinn/train/engine_maker.hpp"
#include "jetpinn/train/evaluations.hpp"
#include "jetpinn/train/objective.hpp"
#include "jetpinn/train/profiling.hpp"
#include "jetpinn/train/recovery.hpp"
#include "jetpinn/train/run_log.hpp"
#include "jetpinn/train/run_warnings.hpp"
#include "jetpinn/train/stage_ends.hpp"
#include "jetpinn/train/stopping.hpp"
#include "jetpinn/train/trainer.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

class Session {
 public:
  // Takes up what setup.resume holds and empties it, or begins. Throws Error (storage) where a checkpoint does not fit.
  Session(Communicator& communicator, Problem problem, TrainSetup& setup);

  // Collective: writes config.toml, tells the observers the facts of the run.
  void start();
  // Makes the stage's optimiser, and an engine where the precision changes. A stage that was resumed has both already.
  // Collective when the precision changes, and before the first step of all, which has a checkpoint in front of it.
  void begin_stage();
  bool goes_on() const;     // the stage has another step
  void end_stage();         // collective: saves
  bool resample_if_due();   // true: the points are new
  // Of a step that was not finite: counts, goes back, or throws Error (numerical). Collective then.
  void recover(const StepReport& report);
  // After every step: logs when due, evaluates when due, keeps the best parameters, decides whether the run ends.
  void account(const StepReport& report);
  void save_if_due();       // collective when due
  void close_profile_if_due() { profiling.close_if_due(*objective, step, agreed_seconds()); }   // collective when due
  void note(const std::string& sentence);
  // Not collective, alike on every rank: says it once in the whole run, on rank 0, and keeps it for the summary.
  void warn(const Warning& warning);

  // Collective: the network that the run leaves, its loss and its errors. Throws Error
  // (numerical) when its loss is not finite.
  void settle();
  TrainResult finish();                             // collective, after settle: writes what the run leaves
  void finish_failed(const Error& error) noexcept;  // not collective: rank 0 leaves what it knows

  // Everything the next step depends on, by its owners' own lists.
  State state();

  // replicated
  Assembly assembly;
  Profiling profiling;                 // rank-local
  std::vector<double> parameters;      // [network.parameters]
  std::int64_t step = 0;               // steps done, over all stages
  std::int64_t stage = 0;
  std::string stopped_by;              // empty: running
  Recovery recovery;
  std::unique_ptr<DistributedObjective> objective;
  std::unique_ptr<Optimizer> optimizer;

 private:
  void resume(const StateValues& values);
  void make_objective();
  void make_stage_optimizer();
  void make_stage_engine();   // collective where it measures
  void use_engine();          // collective: tells the profiler
  Precision stage_precision() const;
  const StageOptions& stage_options() const;
  std::int64_t last_stage() const;
  void save();
  void tell_if_worse();
  void judge(RunSummary& summary);
  Objective::Value keep_best(const Objective::Value& last, std::vector<double>& gradient);   // collective
  void log(const StepReport& report, bool evaluated, bool last = false);
  RunTotals totals() const;
  [[noreturn]] void fail_not_finite();   // collective
  void require_stored() const;           // throws Error (storage) where the last checkpoint or a
                                         // line of a log could not be written
  double process_seconds() const;
  double agreed_seconds() const;
  bool limit_is_near() const;
  RunSummary summarize(const std::string& status, const std::string& stopped_by) const;

  Communicator& communicator_;
  const TrainSetup& setup_;
  RunFacts facts_;
  EngineMaker engines_;
  Stopping stopping_;
  StageEnds ends_;
  const bool keeps_best_;
  RunLog log_;
  Checkpoints checkpoints_;
  RunWarnings warnings_;                      // replicated
  std::unique_ptr<Engine> engine_;
  Precision precision_ = Precision::fp64;     // of engine_
  Evaluations evaluations_;
  Energy energy_;
  PointSet points_;                           // rank-local
  std::int64_t epoch_ = 0;
  std::string ended_by_, config_;
  bool stage_is_resumed_ = false, limit_reached_ = false;
  BestNetwork best_;                                   // where it keeps the best
  std::int64_t kept_step_ = -1;                        // whose network it is; < 0: the last one's
  StepReport last_report_;
  double loss_ = 0;
  std::vector<double> terms_, weighted_;
  double elapsed_before_ = 0, elapsed_s_ = 0;          // seconds of earlier continuations; of training at the last save
  std::int64_t resumed_at_ = 0;                        // step
  double step_s_ = 0, last_step_s_ = 0;   // this process: the longest step lately; when the last one ended
};

}  // namespace jetpinn
