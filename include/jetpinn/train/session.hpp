// A running training, composed of its parts: what the loop in trainer.cpp steps through, and what a checkpoint keeps of it.
// A part owns its state and declares it; Session::state() lists the parts.
#pragma once

#include "jetpinn/balance/loss_balance.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/base/state.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/optim/placed_vector.hpp"
#include "jetpinn/optim/vector_device.hpp"
#include "jetpinn/train/adaptive_points.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/best_network.hpp"
#include "jetpinn/train/checkpoints.hpp"
#include "jetpinn/train/current_stage.hpp"
#include "jetpinn/train/energy.hpp"
#include "jetpinn/train/evaluations.hpp"
#include "jetpinn/train/gated_points.hpp"
#include "jetpinn/train/last_step.hpp"
#include "jetpinn/train/modelled_energy.hpp"
#include "jetpinn/train/objective.hpp"
#include "jetpinn/train/point_streams.hpp"
#include "jetpinn/train/profiling.hpp"
#include "jetpinn/train/rank_shares.hpp"
#include "jetpinn/train/recovery.hpp"
#include "jetpinn/train/reports.hpp"
#include "jetpinn/train/run_clock.hpp"
#include "jetpinn/train/run_end.hpp"
#include "jetpinn/train/step_batches.hpp"
#include "jetpinn/train/trainer.hpp"
#include "jetpinn/train/training_points.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

class Session {
 public:
  // Takes up what setup.resume holds and empties it, or begins. Throws Error (storage) where a checkpoint does not fit.
  Session(Communicator& communicator, Problem problem, TrainSetup& setup);

  void start();   // collective: writes config.toml, tells the observers the facts of the run
  // Makes the stage's optimiser, and takes up in what it differs from the one before. A stage that was resumed has all that
  // already. Collective where it differs, and before the first step of all, which has a checkpoint in front of it.
  void begin_stage();
  bool goes_on() const { return stage.has_step() && running(); }   // the stage has another step
  void end_stage();                                                // collective: saves
  bool running() const { return end_.running(); }                  // nothing but the end of its stages ends the run yet

  void deal_anew_if_due();  // collective when due: the ranks' shares of the points, from measured times
  void resample_if_due();   // collective when due: other points
  void adapt_points_if_due();  // collective when due: a round of points that follow the residual
  void balance_if_due();  // collective when due: weights that are refreshed from a linearisation
  void take_batch();      // the next step's points, where the stage takes batches or has a gate; collective with one
  // Of a step that was not finite: counts, goes back, or throws Error (numerical). Collective then.
  void recover(const StepReport& report);
  // After every step: logs when due, evaluates when due, keeps the best parameters, decides whether the run ends.
  void account(const StepReport& taken);
  void save_if_due();            // collective when due
  void close_profile_if_due();   // collective when due

  // Collective: the network that the run leaves, its loss and its errors. Throws Error (numerical) if that is not finite.
  void settle();
  TrainResult finish();                              // collective, after settle: writes what the run leaves
  void finish_failed(const Error& error) noexcept;   // not collective: rank 0 leaves what it knows

  State state();   // everything the next step depends on

  // replicated, but for what says otherwise
  Assembly assembly;
  Profiling profiling;                   // rank-local
  std::unique_ptr<VectorDevice> device;  // where parameters and optimisers are; null: on the host
  PlacedVector parameters;               // [network.parameters]
  std::int64_t step = 0;                 // steps done, over all stages
  CurrentStage stage;
  TrainingPoints points;   // rank-local
  PointStreams streams;    // rank-local but for their places
  AdaptivePoints adaptive;
  RankShares shares;
  StepBatches batches;     // their points rank-local
  GatedPoints gate;        // rank-local but for its threshold
  Recovery recovery;
  std::unique_ptr<LossBalance> balance;  // replicated, but for the weights of points; null: nothing is balanced
  std::unique_ptr<DistributedObjective> objective;

 private:
  void begin();
  void begin_with_fit();   // collective, where a network wants it
  void begin_balance();    // collective: before the first step, where weights follow from an evaluation
  void refresh_balance();  // collective when due, after a step: from what its evaluation told
  void exchange_weights();  // collective: those of points go where the assembly has the points
  void weigh();            // points and optimiser learn of other weights
  // The same of a step, with the loss of the config's weights; what the objective agreed on last is of where the step ended.
  StepReport in_weights_of_config(StepReport report);  // collective where a search evaluated another point last
  void resume(const StateValues& values);
  void make_objective();
  State kept_gradient_library();  // where a checkpoint keeps it
  void measure_trained();  // collective, of the network that is left
  void use_engine();   // collective: tells the profiler
  void take_change(const StageChange& change);  // collective: another engine, other points, and what follows from them
  void make_points(
      bool others);    // collective: those of the stage and the present epoch; not others: they have other weights
  void save();         // collective
  void log(bool evaluated, bool monitored, bool last = false);
  // What a step's loss is where it is one of some points: that the stage is known to have, and the one to compare.
  void take_losses(const StepReport& report, StepReport& known, StepReport& compared);
  void tell_gate(StepRecord& record);  // collective where a line is due
  std::int64_t points_seen() const;  // by all evaluations, over all ranks
  RunTotals totals() const;
  RunSummary summarize(const std::string& status, const std::string& stopped_by) const;
  [[noreturn]] void fail_not_finite();   // collective
  void require_stored() const;   // throws Error (storage) where the last checkpoint or a line of a log could not be written

  Communicator& communicator_;
  const TrainSetup& setup_;
  std::string config_;
  std::string gradient_library_;  // that sums, as in the config; empty: not measured yet
  std::string first_fit_;   // what it came to; empty: there was none to make, or the run was resumed
  RunClock clock_;
  RunEnd end_;
  LastStep last_;
  BestNetwork best_;
  Checkpoints checkpoints_;
  Evaluations evaluations_;
  Energy energy_;
  ModelledEnergy modelled_energy_;
  Reports reports_;
  std::vector<TrainedValue> trained_;  // with their standard errors; empty: not measured
};

}  // namespace jetpinn
