// The points of a step where a stage takes mini-batches (sampling.batch, training.stages.*.batch), and the loss of such a
// stage. Which points a step takes follows from seed, term and step alone. A batch's loss is that of its own points: what
// compares losses is given their average over an epoch of the term with the most batches.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/sampling/block_batches.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/options.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace jetpinn {

// [terms]; empty: every step of the stage takes all points.
std::vector<BlockBatches> batches_of_stage(const Assembly& assembly, const TrainingOptions& training, std::size_t stage);
// "burgers 1024 of 10000 points (10 batches)"; a term whose batch is all its points is named too.
std::string batches_text(const Assembly& assembly, const TrainingOptions& training, std::size_t stage);
// Steps in which a stage takes all points once, of the term with the most batches.
std::int64_t steps_of_epoch(const Assembly& assembly, const TrainingOptions& training, std::size_t stage);
// Points of a term that a rank holds of one batch, at most.
std::int64_t most_points_of_rank(const BlockBatches& batches, const std::vector<Block>& held);

class StepBatches {
 public:
  StepBatches(const Assembly& assembly, const TrainingOptions& training);  // both outlive it

  void enter(std::int64_t stage);                    // its batches are those of this stage; what it remembers stays
  void begin();                                      // the stage begins: no loss of it is known
  bool active() const { return longest_ > 1; }       // steps take batches, or points that are streamed

  // Of a rank's points those of the step behind `step` steps done. Stays at its place.
  const PointSet& take(const PointSet& all, std::int64_t step);

  // Of the step that was the `step`-th, with the loss of its batch.
  void account(std::int64_t step, double loss);
  // The average that ended with this step; infinite: none did.
  double ended_average() const { return ended_; }
  double loss_or(double loss) const { return known_at_ > 0 ? loss_ : loss; }  // the stage's last average, if any
  // Between two stages: after so many evaluations of the run there are so many more points.
  void points_changed(std::int64_t evaluations, std::int64_t more);
  // Points that evaluations left out, over all ranks, had each been of assembly.points().
  std::int64_t left_out() const { return left_out_; }

  State state();  // nothing where no stage takes batches or has points of its own

 private:
  const Assembly& assembly_;
  const TrainingOptions& training_;
  bool any_;                                              // some stage takes batches or has points of its own
  std::vector<BlockBatches> batches_;                     // [terms] of the stage; empty: all points
  std::int64_t longest_ = 1;                              // batches of the term that has most
  PointSet points_;                                       // rank-local
  const PointSet* taken_ = nullptr;                       // of the step
  std::int64_t left_out_ = 0, steps_ = 0, known_at_ = 0;  // known_at_: the step that ended loss_'s epoch; 0: none
  double sum_ = 0, loss_ = 0, ended_ = std::numeric_limits<double>::infinity();
};

}  // namespace jetpinn
