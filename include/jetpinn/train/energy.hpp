// The energy that all machines of a run have taken, over all its continuations.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/profile/host.hpp"

namespace jetpinn {

class Energy {
 public:
  explicit Energy(Communicator& communicator);   // collective

  // Collective: the first rank of each machine reads its meter. J; < 0: some machine's cannot be read.
  double gather(Communicator& communicator);
  void go_on() { before_ = joules_; }   // what was restored is that of earlier continuations

  State state() { return {{"joules", &joules_}}; }

 private:
  bool first_on_host_ = true;
  EnergyMeter meter_;
  double before_ = 0, joules_ = 0;   // J of earlier continuations; with this one's, when it was gathered last
};

}  // namespace jetpinn
