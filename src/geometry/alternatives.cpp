#include "jetpinn/geometry/alternatives.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/geometry/border.hpp"
#include "jetpinn/geometry/piece_measure.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::size_t most_parts = 16'384;  // of all alternatives; each is compared with each alternative

}  // namespace

Alternatives::Alternatives(std::vector<double> lower, std::vector<double> upper)
    : lower_(std::move(lower)), upper_(std::move(upper)) {}

void Alternatives::add(Piece whole, std::vector<Piece> pieces) {
  if (pieces.empty()) return;
  pieces_ += pieces.size();
  if (pieces_ > most_parts)
    throw Error(Status::usage, "the alternatives of this set lie on more than " + std::to_string(most_parts) +
                                   " surfaces; describe it with fewer alternatives, or by shapes of fewer primitives");
  std::vector<std::size_t> dimensions;
  for (std::size_t d = 0; d < lower_.size(); ++d)
    if (whole.lower[d] > lower_[d] || whole.upper[d] < upper_[d]) dimensions.push_back(d);
  alternatives_.push_back({std::make_shared<Piece>(std::move(whole)), std::move(dimensions), std::move(pieces)});
}

std::vector<Piece> Alternatives::take() {
  drop_contained();
  leave_out_earlier();
  std::vector<Piece> all;
  for (Alternative& one : alternatives_)
    for (Piece& piece : one.pieces)
      if (!is_empty(piece)) all.push_back(std::move(piece));
  alternatives_.clear();
  return all;
}

// Nothing: whatever its box, the alternative may not hold all of the piece.
std::optional<Alternatives::Beyond> Alternatives::beyond(const Alternative& outer, const Piece& piece) {
  const Piece& whole = *outer.whole;
  const BorderPart *a = whole.border.get(), *b = piece.border.get();
  if ((a || b) && !(a && b && a->border->body() == b->border->body() && a->other == b->other)) return {};
  if (whole.condition >= 0 && whole.condition != piece.condition) return {};
  Beyond beyond;
  for (const std::size_t d : outer.dimensions) {
    if (piece.lower[d] >= whole.lower[d] && piece.upper[d] <= whole.upper[d]) continue;
    beyond.last = d;
    if (++beyond.dimensions > 1) break;
  }
  return beyond;
}

bool Alternatives::contains(const Alternative& outer, const Alternative& inner) {
  return std::all_of(inner.pieces.begin(), inner.pieces.end(), [&](const Piece& piece) {
    const std::optional<Beyond> left = beyond(outer, piece);
    return left && left->dimensions == 0;
  });
}

// "x == 0 && y < 1 || x == 0": the first gives way to the second. An alternative goes as a whole: what is left of one that
// lies in another with some of its pieces alone would still be taken from the other's pieces.
void Alternatives::drop_contained() {
  for (std::size_t i = 0; i < alternatives_.size();) {
    const Alternative& one = alternatives_[i];
    bool inside = false;
    for (std::size_t j = 0; j < alternatives_.size() && !inside; ++j) {
      const Alternative& other = alternatives_[j];
      inside = i != j && contains(other, one) && !(j > i && contains(one, other));
    }
    if (inside)
      alternatives_.erase(alternatives_.begin() + static_cast<std::ptrdiff_t>(i));
    else
      ++i;
  }
}

// "x < 0.5 || y < 0.5": what two alternatives have in common belongs to the first of them.
void Alternatives::leave_out_earlier() {
  std::size_t comparisons = 0;
  for (std::size_t i = 0; i < alternatives_.size(); ++i)
    for (Piece& piece : alternatives_[i].pieces) {
      for (std::size_t e = 0; e < i; ++e) {
        const Alternative& earlier = alternatives_[e];
        if (may_overlap(*earlier.whole, piece) && !cut_off(earlier, piece)) piece.earlier.push_back(earlier.whole);
      }
      // what is left of the piece may lie beside some of them
      const auto apart = [&](const auto& earlier) { return !may_overlap(*earlier, piece); };
      piece.earlier.erase(std::remove_if(piece.earlier.begin(), piece.earlier.end(), apart), piece.earlier.end());
      comparisons += piece.earlier.size() * piece.lower.size();
      limit_trial_operations(comparisons);
    }
}

// Takes what an earlier alternative holds away from a piece where a box is left, which needs no trials.
bool Alternatives::cut_off(const Alternative& earlier, Piece& piece) const {
  const std::optional<Beyond> left = beyond(earlier, piece);
  if (!left || left->dimensions > 1) return false;
  if (left->dimensions == 0) {
    piece.upper[0] = -HUGE_VAL;
    return true;
  }
  const std::size_t d = left->last;
  const Piece& whole = *earlier.whole;
  const bool from_below = whole.lower[d] <= piece.lower[d], from_above = whole.upper[d] >= piece.upper[d];
  if (!from_below && !from_above) return false;
  if (from_below)
    piece.lower[d] = std::nextafter(whole.upper[d], HUGE_VAL);
  else
    piece.upper[d] = std::nextafter(whole.lower[d], -HUGE_VAL);
  // What is left beside a strict bound is the bound.
  if (piece.upper[d] - piece.lower[d] <= rounding_room(lower_[d], upper_[d], false)) piece.upper[d] = -HUGE_VAL;
  return true;
}

}  // namespace jetpinn
