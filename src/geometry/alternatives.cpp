#include "jetpinn/geometry/alternatives.hpp"

#include "jetpinn/geometry/border.hpp"
#include "jetpinn/geometry/piece_measure.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace jetpinn {
namespace {

// Whether all points of the inner piece meet the outer one's condition.
bool meets_condition(const Piece& outer, const Piece& inner) {
  return outer.condition < 0 || outer.condition == inner.condition;
}

}  // namespace

Alternatives::Alternatives(std::vector<double> lower, std::vector<double> upper)
    : lower_(std::move(lower)), upper_(std::move(upper)) {}

void Alternatives::add(Piece piece, const std::shared_ptr<const Piece>& whole) {
  if (alternatives_.empty() || alternatives_.back() != whole) alternatives_.push_back(whole);
  std::vector<std::size_t> dimensions;
  for (std::size_t d = 0; d < lower_.size(); ++d)
    if (piece.lower[d] > lower_[d] || piece.upper[d] < upper_[d]) dimensions.push_back(d);
  pieces_.push_back({std::move(piece), alternatives_.size() - 1, std::move(dimensions)});
}

std::vector<Piece> Alternatives::take() {
  drop_contained();
  leave_out_earlier();
  std::vector<Piece> pieces;
  for (Candidate& one : pieces_) pieces.push_back(std::move(one.piece));
  return pieces;
}

// "x == 0 || (x == 0 && y < 1)": points of the second piece would be drawn twice.
void Alternatives::drop_contained() {
  for (std::size_t i = 0; i < pieces_.size();) {
    bool inside = false;
    for (std::size_t j = 0; j < pieces_.size() && !inside; ++j)
      inside = i != j && contains(pieces_[j], pieces_[i]) && !(j > i && contains(pieces_[i], pieces_[j]));
    if (inside)
      pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(i));
    else
      ++i;
  }
}

bool Alternatives::contains(const Candidate& outer, const Candidate& inner) {
  const BorderPart *a = outer.piece.border.get(), *b = inner.piece.border.get();
  if ((a || b) && !(a && b && a->border->same_surface(*b->border) && a->other == b->other)) return false;
  if (!meets_condition(outer.piece, inner.piece)) return false;
  return std::all_of(outer.dimensions.begin(), outer.dimensions.end(), [&](std::size_t d) {
    return inner.piece.lower[d] >= outer.piece.lower[d] && inner.piece.upper[d] <= outer.piece.upper[d];
  });
}

// "x < 0.5 || y < 0.5": what two alternatives have in common belongs to the first of them.
void Alternatives::leave_out_earlier() {
  std::size_t comparisons = 0;
  std::set<std::size_t> kept;
  for (const Candidate& one : pieces_) kept.insert(one.alternative);
  for (Candidate& one : pieces_) {
    Piece& piece = one.piece;
    for (auto e = kept.begin(); e != kept.end() && *e < one.alternative; ++e)
      if (may_overlap(*alternatives_[*e], piece) && !cut_off(*alternatives_[*e], piece))
        piece.earlier.push_back(alternatives_[*e]);
    const auto apart = [&](const auto& earlier) { return !may_overlap(*earlier, piece); };
    piece.earlier.erase(std::remove_if(piece.earlier.begin(), piece.earlier.end(), apart), piece.earlier.end());
    comparisons += piece.earlier.size() * piece.lower.size();
    limit_trial_operations(comparisons);
  }
  pieces_.erase(std::remove_if(pieces_.begin(), pieces_.end(), [](const Candidate& one) { return is_empty(one.piece); }),
                pieces_.end());
}

// Takes what an earlier alternative holds away from a piece where a box is left, which needs no trials.
bool Alternatives::cut_off(const Piece& earlier, Piece& piece) const {
  const BorderPart *a = earlier.border.get(), *b = piece.border.get();
  if ((a || b) && !(a && b && a->border->body() == b->border->body() && a->other == b->other)) return false;
  if (!meets_condition(earlier, piece)) return false;
  std::vector<std::size_t> beyond;
  for (std::size_t d = 0; d < lower_.size(); ++d)
    if (piece.lower[d] < earlier.lower[d] || piece.upper[d] > earlier.upper[d]) beyond.push_back(d);
  if (beyond.size() > 1) return false;
  const std::size_t d = beyond.empty() ? 0 : beyond[0];
  const bool from_below = earlier.lower[d] <= piece.lower[d], from_above = earlier.upper[d] >= piece.upper[d];
  if (!from_below && !from_above) return false;
  if (from_below)
    piece.lower[d] = std::nextafter(earlier.upper[d], HUGE_VAL);
  else
    piece.upper[d] = std::nextafter(earlier.lower[d], -HUGE_VAL);
  // What is left beside a strict bound is the bound.
  if (piece.upper[d] - piece.lower[d] <= rounding_room(lower_[d], upper_[d], false)) piece.upper[d] = -HUGE_VAL;
  return true;
}

}  // namespace jetpinn
