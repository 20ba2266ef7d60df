// The points that a run trains on: one rank's share of them, drawn anew when that is due.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstdint>

namespace jetpinn {

class TrainingPoints {
 public:
  // `assembly` outlives it. Nothing is drawn yet.
  TrainingPoints(const Assembly& assembly, int rank) : assembly_(assembly), rank_(rank) {}

  void draw();   // the points of the epoch; throws Error (usage)
  // Before the step behind `step` steps done. True: the next epoch has begun, the points are new.
  bool resample_if_due(std::int64_t step);
  const PointSet& set() const { return points_; }   // stays at its place

  State state() { return {{"epoch", &epoch_}}; }

 private:
  const Assembly& assembly_;
  int rank_;
  PointSet points_;          // rank-local
  std::int64_t epoch_ = 0;   // resamplings
};

}  // namespace jetpinn
