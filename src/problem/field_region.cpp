#include "jetpinn/problem/field_region.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

bool holds_field(const Problem& problem, const Term& term, int field) {
  const std::vector<NodeId> nodes = reachable(problem.graph, term.stated);
  return std::any_of(nodes.begin(), nodes.end(),
                     [&](NodeId id) { return problem.graph[id].op == Op::field && problem.graph[id].index == field; });
}

}  // namespace

std::optional<PointRegion> field_region(const Problem& problem, int field) {
  PointRegion region{{}, problem.lower, problem.upper};
  for (const Term& term : problem.terms) {
    if (!term.equation || !holds_field(problem, term, field)) continue;
    for (const Piece& piece : term.region.pieces) {
      if (piece.condition < 0 && piece.lower == problem.lower && piece.upper == problem.upper) return std::nullopt;
      region.pieces.push_back(piece);
    }
  }
  return region.pieces.empty() ? std::nullopt : std::optional(region);
}

}  // namespace jetpinn
