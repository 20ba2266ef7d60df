// sparsify --rewind: the step of a run to which its weights, or its learning rates alone, go back in every round.
#pragma once

#include "jetpinn/app/trained.hpp"
#include "jetpinn/comm/communicator.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

struct Rewound {
  std::int64_t step = -1;          // -1: nothing goes back
  std::string stages;              // training.stages of what the run did behind it; empty: nothing
  std::vector<double> parameters;  // rank 0: those of the run's network at that step

  bool any() const { return step >= 0; }
};

// asked: none, a step, or a share of the run's steps as in 10%, which means its newest checkpoint within that share.
// with_stages: whether rounds are to train as the run did. Collective. Throws Error (usage) where it is none of these, where
// the run keeps no such checkpoint, and where its stages cannot be taken up there; (storage) where the checkpoint is
// damaged.
Rewound load_rewound(Communicator& communicator, const std::string& run, const Trained& trained, const std::string& asked,
                     bool with_stages);

}  // namespace jetpinn
