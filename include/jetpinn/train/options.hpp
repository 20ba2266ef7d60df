// [training], [output] and [run] as plain structs.
#pragma once

#include "jetpinn/balance/balance_options.hpp"
#include "jetpinn/base/types.hpp"
#include "jetpinn/comm/gradient_sync.hpp"
#include "jetpinn/gate/gate_options.hpp"
#include "jetpinn/optim/optimizer.hpp"
#include "jetpinn/problem/window_options.hpp"
#include "jetpinn/profile/profile_options.hpp"
#include "jetpinn/sampling/sampling_options.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

struct StageOptions {
  OptimizerOptions optimizer;
  std::int64_t steps = 1000;
  std::optional<Precision> precision;            // none: that of the training, fp64 for line searches
  std::map<std::string, std::string> constants;  // that have other values in this stage, as written
  std::map<std::string, std::string> weights;    // of terms that have others in this stage, as written
  StageGate gate;                                // what its gate has otherwise
};

// "Re = 400, nu = 0.1, weights initial 100, walls 1 + t"; empty: the stage is of the problem as it is.
std::string changes_text(const StageOptions& stage);

struct StopOptions {
  double time_s = 0;          // 0: none; training with start-up
  double loss = 0;            // stop at or below
  double error = 0;           // stop when every field's rel_l2 is at or below, checked when evaluated
  std::int64_t stall_steps = 0;
  double stall_factor = 0.999; // stalled: best loss of the last stall_steps > factor * best before
};

// Which jets of hidden layers the reverse sweep computes again instead of finding them kept.
struct RecomputeOptions {
  bool automatic = false;  // as few as RunOptions::memory_limit_bytes needs; without a limit none
  int segments = 1;        // into which the hidden layers are divided: all but the last are recomputed
};

struct TrainingOptions {
  std::uint64_t seed = 0;
  Precision precision = Precision::fp64;
  Reproducibility reproducibility = Reproducibility::run;
  EngineKind engine = EngineKind::jets;
  std::string device = "cpu";   // of the jets engine, from the command line
  bool graphs = true;           // of evaluations on a device; [run]
  RecomputeOptions recompute;
  StopOptions stop;
  BalanceOptions balance;
  GateOptions gate;           // of all stages
  std::string start_from;     // run folder, absolute; empty: parameters are drawn
  WindowOptions windows;      // trained one after the other
  std::vector<StageOptions> stages;

  std::int64_t total_steps() const {
    std::int64_t total = 0;
    for (const StageOptions& stage : stages) total += stage.steps;
    return total;
  }
  // Numbers of the stages that take steps; of the first one where none does.
  std::vector<std::size_t> trained_stages() const {
    std::vector<std::size_t> trained;
    for (std::size_t s = 0; s < stages.size(); ++s)
      if (stages[s].steps > 0) trained.push_back(s);
    return trained.empty() ? std::vector<std::size_t>{0} : trained;
  }
  // A line search compares losses of the same points: its stage has no gate.
  GateOptions gate_of_stage(std::size_t stage) const {
    GateOptions own = gate_of(gate, stages[stage].gate);
    if (stages[stage].optimizer.searches() || stages[stage].steps == 0) own.target = 1;
    return own;
  }
  bool has_gate() const {
    for (std::size_t s = 0; s < stages.size(); ++s)
      if (gate_of_stage(s).active()) return true;
    return false;
  }
  // A line search computes in fp64 unless told otherwise: it compares losses that differ in late digits.
  Precision precision_of(const StageOptions& stage) const {
    return stage.precision.value_or(stage.optimizer.searches() ? Precision::fp64 : precision);
  }
};

struct OutputOptions {
  double log_every_s = 2;
  std::int64_t log_every_steps = 0;    // 0: by time alone
  std::int64_t evaluate_every = 500;   // steps; 0: only at the end
  std::optional<bool> keep_best;       // none: where a later step may be worse, see keeps_best()
  double checkpoint_every_s = 60;
  int checkpoint_keep = 2;
  int checkpoint_keep_every = 0;       // and every k-th; 0: none
  ProfileOptions profile;
};

// Whether a run remembers the network of its lowest loss. Unless told, it does where a later step may be worse:
// Adam's steps go up and down, a stage may undo what one before it reached, and new points have another loss. A
// lone stage of line searches only goes down.
inline bool keeps_best(const OutputOptions& output, const TrainingOptions& training, const SamplingOptions& sampling) {
  int stages = 0;
  bool rates = false, resamples = false;
  for (std::size_t s = 0; s < training.stages.size(); ++s) {
    if (training.stages[s].steps == 0) continue;
    ++stages;
    rates = rates || !training.stages[s].optimizer.searches();
    resamples = resamples || choice_of(sampling, s).resample_every > 0;
  }
  return output.keep_best.value_or(rates || stages > 1 || resamples);
}

struct RunOptions {
  GradientSyncKind gradient_sync = GradientSyncKind::plain;
  GradientLibrary gradient_library = GradientLibrary::mpi;
  double deadline_s = 120;             // a silent rank counts as lost after this
  double memory_limit_bytes = 0;       // per job; 0: none
  bool dealing_measured = false;       // ranks' shares of the points follow measured times
  std::int64_t dealing_every = 100;    // steps between two looks at them
};

}  // namespace jetpinn
