// The points of a step where a stage has a gate (docs/gate.md): of each gated term those that gate/selection.hpp chooses by
// their significance, gathered into whole blocks and dealt to the ranks anew, by cost. Every `refresh` steps all points are
// scored by a forward sweep, which also tells the loss over all of them; between two sweeps their scores stay.
//
// Which points a step takes follows from scores, threshold, seed and step. Each rank tells the others one number a term
// before the step, the sum of its points' probabilities: with it all know how many are taken where, and so the rate.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/engine/engine.hpp"
#include "jetpinn/gate/gate_options.hpp"
#include "jetpinn/gate/rate_controller.hpp"
#include "jetpinn/gate/significance.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/observer.hpp"
#include "jetpinn/train/options.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace jetpinn {

class GatedPoints {
 public:
  // All outlive it. Throws as gated_terms (train/gate_plan.hpp).
  GatedPoints(Communicator& communicator, const Assembly& assembly, const TrainingOptions& training);

  bool any() const { return any_; }                  // some stage has a gate
  bool active() const { return options_.active(); }  // the stage at work has one
  void enter(std::int64_t stage);                    // its gate is that of this stage; what is remembered stays
  void begin(std::int64_t step);                     // the stage begins behind so many steps: everything is active
  void points_changed();                             // they are others, or more: all are scored anew before the next step

  // Of a rank's points those of the step behind `step` steps done. Collective. engine: that of the assembly's terms.
  const PointSet& take(const PointSet& all, std::int64_t step, Engine& engine, const std::vector<double>& parameters);

  // After the step: what terms that are not gated added to the loss [terms]. The loss over all points at the parameters
  // before the step; infinite where the step was not scored, and where it was warming up `loss`, which is that.
  double account(double loss, const std::vector<double>& weighted);
  double loss_or(double loss) const { return known_ < std::numeric_limits<double>::infinity() ? known_ : loss; }
  bool warming_up() const { return warming_up_; }

  std::int64_t left_out() const { return left_out_; }  // points that steps did not train, over all ranks
  GateRecord record() const;                           // of the last step
  GateTotals totals() const;                           // of the run

  // Before a state is restored: columns of the assembly's points, without values.
  void make_room();
  // Collective, after it was: throws Error (storage) where the scores are of other points.
  void check_points(const PointSet& all);
  State state();  // nothing where no stage has a gate

 private:
  struct Part {  // a gated term
    std::size_t term = 0;
    SampleScores scores;                    // rank-local columns
    std::vector<double> means = {0, 0, 0};  // of residual, change, gradient: replicated
  };
  // What is taken of a term.
  struct Taken {
    std::vector<std::int64_t> positions;  // of this rank's points, ascending
    std::vector<double> weights;          // [positions] unbiased: of their squared residuals
    std::int64_t count = 0;               // over all ranks
  };

  bool scores() const { return options_.scores(); }
  const std::vector<Block>& blocks_of(std::size_t term) const;
  void score(const PointSet& all, std::int64_t step, Engine& engine, const std::vector<double>& parameters);
  double mean_of(const std::vector<double>& column) const;  // collective
  std::vector<Taken> choose(const PointSet& all, std::int64_t step);
  void gather(const PointSet& all, const std::vector<Taken>& taken);
  void count(const std::vector<Taken>& taken);
  enum class Hashed { coordinates, all };
  // Of the candidates: of their places, or of all that their source gave them. Collective.
  std::int64_t fingerprint(const PointSet& all, Hashed hashed) const;

  Communicator& communicator_;
  const Assembly& assembly_;
  const TrainingOptions& training_;
  const bool any_;
  GateOptions options_;  // of the stage
  std::vector<Part> parts_;
  RateController controller_;
  PointSet points_;  // rank-local

  std::int64_t begun_ = 0, scored_at_ = -1;  // steps done when the stage began, and when points were scored; < 0: not yet
  std::int64_t points_id_ = 0;               // of the points that were scored
  std::int64_t candidates_ = 0, trained_ = 0, scored_ = 0, left_out_ = 0;  // points over all ranks and steps
  double full_ = 0;  // loss of the gated terms over all points; infinite: not known at this step
  double known_ = std::numeric_limits<double>::infinity();  // the last loss over all points
  double rate_ = 1;
  bool warming_up_ = false;
};

}  // namespace jetpinn
