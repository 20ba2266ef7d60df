// A running classification, composed of the parts of which the training of a problem is composed (train/session.hpp), as far
// as they do not speak of points: clock, end, recovery, sums, optimiser, checkpoints, profile, energy, logs.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/classify/classifier.hpp"
#include "jetpinn/classify/epoch_totals.hpp"
#include "jetpinn/classify/image_batches.hpp"
#include "jetpinn/classify/image_engine.hpp"
#include "jetpinn/classify/image_gate.hpp"
#include "jetpinn/classify/validation.hpp"
#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/optim/placed_vector.hpp"
#include "jetpinn/train/checkpoints.hpp"
#include "jetpinn/train/energy.hpp"
#include "jetpinn/train/last_step.hpp"
#include "jetpinn/train/modelled_energy.hpp"
#include "jetpinn/train/objective.hpp"
#include "jetpinn/train/profiling.hpp"
#include "jetpinn/train/recovery.hpp"
#include "jetpinn/train/run_clock.hpp"
#include "jetpinn/train/run_end.hpp"
#include "jetpinn/train/run_log.hpp"
#include "jetpinn/train/run_warnings.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

class ClassifySession {
 public:
  // Both outlive it. Takes up what setup.run.resume holds and empties it, or begins.
  ClassifySession(Communicator& communicator, const ImageData& images, ClassifySetup& setup);

  void start();  // collective: config.toml, the facts of the run, the first checkpoint
  bool goes_on() const { return end_.running() && step < steps(); }
  void take_step();                                 // collective
  void end_epoch_if_due();                          // collective when due: validates, and tells of it
  void save_if_due();                               // collective when due
  void close_profile_if_due();                      // collective when due
  TrainResult finish();                             // collective: writes what the run leaves
  void finish_failed(const Error& error) noexcept;  // not collective: rank 0 leaves what it knows

  State state();  // everything the next step depends on

  // replicated, but for what says otherwise
  Profiling profiling;  // rank-local
  std::int64_t step = 0;
  PlacedVector parameters;

 private:
  std::int64_t steps() const { return setup_.run.training.total_steps(); }
  void resume(const StateValues& values);
  void make_objective();
  State kept_gradient_library();  // where a checkpoint keeps it
  void take_images();           // those of the next step; collective where a gate scores them
  void require_images(std::int64_t here);  // of these images; throws Error (usage) where the run began with others
  void recover(const StepReport& report);
  void account(const StepReport& report);
  RunSpent spent(double time_s);  // collective
  void save();                    // collective
  MemoryRecord memory() const;
  RunFacts facts() const;
  RunSummary summarize(const std::string& status, const std::string& stopped_by) const;
  void note(const std::string& sentence);
  void require_stored() const;  // throws Error (storage) where the last checkpoint or a line of a log could not be written

  Communicator& communicator_;
  const ImageData& images_;
  const ClassifySetup& setup_;
  const ModelOptions model_;
  ImageBatches batches_;
  ImageEngine engine_;
  ImageGate gate_;
  PointSet points_;  // rank-local: positions of the step's images
  std::unique_ptr<DistributedObjective> objective_;
  std::unique_ptr<Optimizer> optimizer_;
  std::string config_;
  std::string gradient_library_;  // that sums, as in the config; empty: not measured yet
  RunClock clock_;
  RunEnd end_;
  LastStep last_;
  Recovery recovery_;
  EpochTotals totals_;
  Checkpoints checkpoints_;
  Energy energy_;
  ModelledEnergy modelled_energy_;
  RunLog log_;
  RunWarnings warnings_;
  double validation_s_ = 0;                       // s that the last validation took
  std::int64_t candidates_ = 0;                   // images of the step ...
  std::vector<std::int64_t> chosen_;              // ... and those of them whose gradient is taken
  std::int64_t images_id_;                        // of the images that are trained on and validated with
  double validation_loss_, validation_accuracy_;  // of the last validation; NaN: there was none
  std::vector<double> accuracy_of_class_;
  RunFacts facts_;
};

}  // namespace jetpinn
