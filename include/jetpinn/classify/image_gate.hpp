// Which of a step's images are trained where there is a gate: the significant ones (gate/selection.hpp), by the losses that
// images had when they were trained or scored last. Every `refresh` epochs each image is scored by a forward pass before its
// step chooses; in between its score stays what it is. In the first `warm_up` epochs all are trained, which scores them.
//
// Scores are replicated: each rank tells the others the losses of its share of the step, so all choose alike.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/classify/image_engine.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/gate/gate_options.hpp"
#include "jetpinn/gate/rate_controller.hpp"
#include "jetpinn/gate/significance.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

class ImageGate {
 public:
  // images: how many there are. options: refresh and warm_up count epochs.
  ImageGate(Communicator& communicator, const GateOptions& options, std::int64_t images, std::uint64_t seed);

  bool active() const { return options_.active(); }

  struct Chosen {
    std::vector<std::int64_t> images;  // in the order of the candidates
    std::vector<double> weights;       // of their losses, for a mean over the chosen ones; empty: 1
  };
  // Of a step's candidates. Collective where they are scored.
  Chosen choose(const std::vector<std::int64_t>& candidates, std::int64_t epoch, std::int64_t step, ImageEngine& engine,
                const std::vector<double>& parameters);
  // Collective, after the step, whose losses the engine told hear(): images are those that were chosen.
  void account(const std::vector<std::int64_t>& images, std::int64_t epoch);
  // The listener of the step's losses (Engine::when_residuals).
  ResidualsKnown listener(std::int64_t chosen);

  double threshold() const { return controller_.threshold(); }
  std::int64_t scored() const { return scored_; }  // images that passes looked at for their score alone, in all

  State state();  // nothing where there is no gate

 private:
  bool warms_up(std::int64_t epoch) const { return epoch < options_.warm_up; }
  void score(const std::vector<std::int64_t>& candidates, std::int64_t epoch, ImageEngine& engine,
             const std::vector<double>& parameters);
  double told_rate() const;                                   // to the controller
  void take_losses(const std::vector<std::int64_t>& images);  // collective: heard_ of all ranks become scores

  Communicator& communicator_;
  const GateOptions options_;
  const std::uint64_t seed_;
  RateController controller_;
  SampleScores scores_;        // [images], replicated; `trained` counts epochs
  std::vector<double> heard_;  // [chosen] losses of this rank's share, 0 elsewhere
  double expected_ = 1;        // share of the step's candidates that is taken in the mean over draws
  bool just_scored_ = false;   // in this step: the losses that the training tells are the scores
  std::int64_t scored_ = 0;
};

}  // namespace jetpinn
