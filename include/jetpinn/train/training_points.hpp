// The points that a run trains on: one rank's share of them. Generated ones are drawn anew when that is due; stored ones are
// state, read when a run begins, exchanged by whoever finds better ones, and taken from the checkpoint when a run goes on.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstddef>
#include <cstdint>

namespace jetpinn {

class TrainingPoints {
 public:
  // `assembly` outlives it. Nothing is drawn yet; stored points have room, and values that nobody should use.
  TrainingPoints(const Assembly& assembly, int rank);

  void make_room();     // for the stored points of the assembly's stage, without values: before a state is restored
  void read_stored();   // as their sources have them; throws Error (usage)
  void draw();          // those of the epoch that are generated; throws Error (usage)
  // Before the step behind `step` steps done. True: the next epoch has begun, the generated points are new.
  bool resample_if_due(std::int64_t step);
  const PointSet& set() const { return points_; }   // stays at its place

  // The same, for whoever writes the weights that balancing gives them; those of points that are drawn anew go.
  PointSet& set_to_weigh() { return points_; }

  // This rank's points of a stored term, to be exchanged between two steps: other values in the same rooms.
  TermPoints& stored(std::size_t term);

  // The epoch, and every column of the stored points.
  State state();

 private:
  State columns(std::size_t term);

  const Assembly& assembly_;
  int rank_;
  PointSet points_;          // rank-local
  std::int64_t epoch_ = 0;   // resamplings
};

}  // namespace jetpinn
