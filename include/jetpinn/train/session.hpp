// The state of a running training: what the loop in trainer.cpp steps through.
#pragma once

#include "jetpinn/base/error.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/infer/evaluate.hpp"
#include "jetpinn/profile/host.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/objective.hpp"
#include "jetpinn/train/observer.hpp"
#include "jetpinn/train/stopping.hpp"
#include "jetpinn/train/trainer.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

class Session {
 public:
  Session(Communicator& communicator, Problem problem, const TrainSetup& setup);

  // Collective: writes config.toml, tells the observers the facts of the run.
  void start();
  // Chooses the engine of a stage: L-BFGS computes in fp64 whatever the precision. Collective when the precision changes.
  void begin_stage(const StageOptions& options);
  bool resample_if_due();   // true: the points are new
  // After every step: logs when due, evaluates when due, keeps the best parameters.
  void account(const StepReport& report);
  void note(const std::string& sentence);

  // Collective: the network that the run leaves, its loss and its errors. Throws Error (numerical) when its loss is not finite.
  void settle();
  TrainResult finish();                             // collective, after settle: writes what the run leaves
  [[noreturn]] void fail_not_finite() const;        // throws Error (numerical) that names the terms
  void finish_failed(const Error& error) noexcept;  // not collective: rank 0 leaves what it knows

  // replicated
  Assembly assembly;
  std::vector<double> parameters;      // [network.parameters]
  std::int64_t step = 0;               // steps done, over all stages
  int stage = 0;
  std::string stopped_by;              // empty: running
  std::vector<FieldError> errors;      // of the last evaluation
  Stopping stopping;
  std::unique_ptr<DistributedObjective> objective;

 private:
  int last_stage() const;
  void evaluate_fields();
  void log(const StepReport& report, bool evaluated, bool last = false);
  void keep_best(const StepReport& report);
  void tell(const std::function<void(Observer&)>& news);
  double gather_joules();           // collective
  RunSummary summarize(const std::string& status, const std::string& stopped_by) const;

  Communicator& communicator_;
  const TrainSetup& setup_;
  std::unique_ptr<Engine> engine_;
  Precision precision_;                       // of engine_
  std::unique_ptr<Engine> field_engine_;      // fp64: errors are those that `evaluate` finds
  ReferenceSet reference_;                    // empty: nothing to compare with
  PointSet points_;                           // rank-local
  std::uint32_t epoch_ = 0;
  std::vector<std::unique_ptr<Observer>> observers_;   // rank 0 only
  std::string storage_failure_;                        // rank 0: why a log could not be written; empty: all were
  std::vector<double> best_parameters_, previous_parameters_;
  double best_loss_;
  std::string host_;
  EnergyMeter energy_;
  StepReport last_report_;
  std::int64_t last_logged_ = 0;                       // step
  double loss_ = 0;
  std::vector<double> terms_;
  double startup_s_ = 0, last_record_s_ = 0, last_due_s_ = 0, last_flop_ = 0;
  std::int64_t last_evaluations_ = 0;
};

}  // namespace jetpinn
