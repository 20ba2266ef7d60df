#include "jetpinn/geometry/piece_filter.hpp"

namespace jetpinn {

PieceFilter::PieceFilter(const Piece& piece, const ExpressionGraph& graph) : border_(piece.border != nullptr) {
  const auto add = [&](const Piece& one, std::optional<PointEvaluator>& condition) {
    if (one.condition >= 0) condition.emplace(graph, one.condition);
    operations_ += (condition ? condition->operations() : 0) + one.lower.size();
  };
  if (piece.condition >= 0) add(piece, condition_);
  for (const auto& earlier : piece.earlier) add(*earlier, earlier_.emplace_back());
}

bool PieceFilter::accepts(const Piece& piece, const double* point) const {
  return (!border_ || is_in(piece, point)) && keeps(piece, point);
}

bool PieceFilter::keeps(const Piece& piece, const double* point) const {
  if (piece.flat && !piece.flat->holds(point)) return false;
  if (condition_ && (*condition_)(point) == 0) return false;
  for (std::size_t e = 0; e < earlier_.size(); ++e)
    if (is_in_other(*piece.earlier[e], piece, point) && (!earlier_[e] || (*earlier_[e])(point) != 0)) return false;
  return true;
}

}  // namespace jetpinn
