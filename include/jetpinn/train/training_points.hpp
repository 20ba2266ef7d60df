// The points that a run trains on: one rank's share of them. Generated ones are drawn anew when that is due. Those that are
// kept, of tables and of terms whose points follow the residual (adaptive_points.hpp), are state: made when a run begins,
// exchanged by whoever finds better ones, and taken from the checkpoint when a run goes on. Those that are streamed
// (point_streams.hpp) are other ones in every step of a stage that does not search.
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/train/assembly.hpp"

#include <cstddef>
#include <cstdint>

namespace jetpinn {

class TrainingPoints {
 public:
  // `assembly` outlives it. Nothing is drawn yet; points that are kept have room, and values that nobody should use.
  TrainingPoints(const Assembly& assembly, int rank);

  void make_room();   // for the points of the assembly's stage that are kept, without values: before a state is restored
  void begin_kept();  // as their sources have them; throws Error (usage)
  // In a stage with other weights: tables are read again, points that bring weights begin anew, all others stay.
  void weigh_kept();
  void draw();        // those of the epoch that are generated; throws Error (usage)
  // Before the step behind `step` steps done. True: the next epoch has begun, the generated points are new.
  bool resample_if_due(std::int64_t step);
  bool resampling_is_due(std::int64_t step) const;
  const PointSet& set() const { return points_; }   // stays at its place

  // The same, for whoever writes the weights that balancing gives them, which go with points that are drawn anew, and for
  // those that are streamed.
  PointSet& set_to_write() { return points_; }

  // This rank's points of a term that are kept, to be exchanged between two steps: as the assembly deals them.
  TermPoints& kept(std::size_t term);

  // Collective, between two steps: those that are kept go to the ranks as in `blocks`, by which the assembly is dealt next;
  // all others are drawn, or read, after that.
  void exchange(Communicator& communicator, const RankBlocks& blocks);

  // The epoch, and every column of the points that are kept.
  State state();

 private:
  const Assembly& assembly_;
  int rank_;
  PointSet points_;          // rank-local
  std::int64_t epoch_ = 0;   // resamplings
};

// Every column of a term's points.
State point_state(const Assembly& assembly, std::size_t term, TermPoints& points);

}  // namespace jetpinn
