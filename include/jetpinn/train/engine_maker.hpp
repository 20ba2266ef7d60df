// Engines for the stages of a run. Which back end serves which product is measured once and kept: another choice would
// change the bits of a run that goes on.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/train/options.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

class EngineMaker {
 public:
  // Both outlive it. recomputed: in all engines. device: the stream of that which vectors lie on; a host's: each engine has
  // one of its own.
  EngineMaker(Communicator& communicator, const TrainingOptions& training, RecomputedLayers recomputed = {},
              Stream device = {})
      : communicator_(communicator), training_(training), recomputed_(std::move(recomputed)), device_(device) {}

  // Collective where it measures: with the first engine of a precision, unless its choice was restored.
  std::unique_ptr<Engine> make(Precision precision, const Network& network, const std::vector<EngineTerm>& terms);
  // The same without keeping what it measures.
  std::unique_ptr<Engine> make_aside(Precision precision, const Network& network,
                                     const std::vector<EngineTerm>& terms) const;

  State state();

 private:
  struct Products {
    std::string choice;   // empty: not made yet
    double rate = 0;      // FLOP/s, the best measured
  };
  const Products& products(Precision precision) const { return precision == Precision::fp64 ? fp64_ : fp32_; }

  Communicator& communicator_;
  const TrainingOptions& training_;
  const RecomputedLayers recomputed_;
  const Stream device_;
  Products fp64_, fp32_;
};

}  // namespace jetpinn
