// Which of the points that numbers place in a piece belong to it.
#pragma once

#include "jetpinn/geometry/piece.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace jetpinn {

// What a piece needs for that beside itself: its condition, and those of the pieces before it, whose points it leaves out.
// Not for several threads at once: conditions are evaluated in memory of its own.
class PieceFilter {
 public:
  PieceFilter(const Piece& piece, const ExpressionGraph& graph);  // the graph outlives it

  bool restricts() const { return border_ || condition_ || !earlier_.empty(); }  // whether it may refuse a point
  // piece: the same. point: [dimensions] in the piece's box, which is not looked at again but where it has a border.
  bool accepts(const Piece& piece, const double* point) const;
  // The same of a point that is known to lie in the piece.
  bool keeps(const Piece& piece, const double* point) const;
  std::size_t operations() const { return operations_; }  // of all conditions, and comparisons beside them

 private:
  bool border_;
  std::optional<PointEvaluator> condition_;
  std::vector<std::optional<PointEvaluator>> earlier_;  // [piece.earlier] their conditions
  std::size_t operations_ = 0;
};

}  // namespace jetpinn
