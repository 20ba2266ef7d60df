#include "jetpinn/problem/pair.hpp"

#include "jetpinn/base/error.hpp"

#include <cstddef>

namespace jetpinn {
namespace {

[[noreturn]] void refuse(const std::string& message) { throw Error(Status::usage, "`pair` " + message); }

void require_equalities(const PointRegion& pair, const std::vector<FixedCoordinate>& fixed) {
  const std::string is = "is one set of equalities, such as x == 1, which replace those of `on`; this ";
  if (fixed.empty()) refuse(is + "fixes no coordinate");
  if (pair.pieces.size() > 1)
    refuse(is + "describes " + std::to_string(pair.pieces.size()) + " sets, so write a condition for each of them");
  const Piece& piece = pair.pieces.front();
  bool restricted = piece.condition >= 0;
  for (std::size_t d = 0; d < piece.lower.size(); ++d)
    restricted = restricted ||
                 (piece.lower[d] < piece.upper[d] && (piece.lower[d] != pair.lower[d] || piece.upper[d] != pair.upper[d]));
  if (restricted)
    refuse("is made of equalities alone: what restricts the other coordinates, which both points share, belongs into `on`");
}

}  // namespace

std::vector<FixedCoordinate> linked_place(const PointRegion& pair, const PointRegion& on, const ExpressionGraph& graph,
                                          const std::vector<std::string>& coordinates) {
  std::vector<FixedCoordinate> fixed = fixed_coordinates(pair.pieces.front());
  require_equalities(pair, fixed);
  if (has_border(on)) refuse("links points of flat sets, and `on` is the border of a shape");
  for (const Piece& first : on.pieces) {
    bool moves = false;
    for (const auto& [coordinate, value] : fixed) {
      const auto d = static_cast<std::size_t>(coordinate);
      if (first.lower[d] < first.upper[d])
        refuse("fixes " + coordinates[d] + ", and " + piece_name(on, first, graph, coordinates) +
               " of `on` leaves it free: both fix the same coordinates, as in on = \"x == 0\", pair = \"x == 1\"");
      moves = moves || first.lower[d] != value;
    }
    if (!moves)
      refuse("is " + piece_name(on, first, graph, coordinates) +
             " of `on` itself, so that a point would be linked with itself");
  }
  return fixed;
}

}  // namespace jetpinn
