// The energy that a run takes where no meter can be read, from what its kernels do: a model, and told as one.
#pragma once

#include "jetpinn/base/kernel_work.hpp"
#include "jetpinn/base/region.hpp"
#include "jetpinn/base/state.hpp"
#include "jetpinn/base/types.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"

namespace jetpinn {

// Assumptions of the right order of magnitude for processors of today, not measurements: they compare runs on one machine.
// A fused multiply-add is two FLOP; the rest of a core that is at work is taken as a constant power.
struct EnergyConstants {
  double joules_per_flop_fp64 = 10e-12;
  double joules_per_flop_fp32 = 5e-12;
  double joules_per_byte = 1.6e-12;  // read or written by a kernel
  double watts_per_rank = 3;         // while the run lasts
};
double modelled_joules(const EngineWork& work, Precision precision, double seconds, const EnergyConstants& constants = {});

class ModelledEnergy {
 public:
  // Takes what the engine has done since the last call; before an engine goes, too.
  void count(const Engine& engine);
  void change_engine() { seen_ = {}; }  // behind count: the next one has done nothing yet
  // Collective: J of the run over all continuations. engine: that at work.
  double gather(Communicator& communicator, const Engine& engine);
  void go_on() { before_ = joules_; }  // what was restored is that of earlier continuations

  State state() { return {{"modelled_joules", &joules_}}; }

 private:
  EngineWork seen_;  // of the engine at work
  double begin_s_ = wall_seconds();
  double own_ = 0;  // rank-local, of this process, without time
  double before_ = 0, joules_ = 0;
};

}  // namespace jetpinn
