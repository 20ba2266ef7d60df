// Where the points of a term lie: the domain box, or flat pieces of it cut out by equalities and inequalities.
//
// "t == 0" is one piece, "x == -1 || x == 1" two, "x == 0 && y == 0" fixes two coordinates at once;
// inequalities restrict by rejection.
#pragma once

#include "jetpinn/expr/graph.hpp"
#include "jetpinn/geometry/piece.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

struct NamedShape {
  std::string name;
  ShapePointer body;
};

// Shapes in some of the coordinates, as sets know them.
struct Shapes {
  std::vector<std::size_t> axes;         // which coordinates they live in
  ShapePointer domain;                   // what the box is cut down to; null: nothing
  NodeId inside = -1;                    // nonzero in it and on its border; -1: everywhere
  std::map<NodeId, NamedShape> borders;  // nodes that stand for the border of a shape
};

struct PointRegion {
  std::vector<Piece> pieces;
  std::vector<double> lower, upper;  // [dimensions] the domain's box, whose lengths are the units of all measures
  NodeId inside = -1;                // that of the shapes: what restricts pieces without telling them from the domain
};

// "x == 1", "t == 0 && x <= 0.5 && x*y < 1": what distinguishes the piece from the domain; "the domain" where nothing does.
// Bounds that were strict are shown with '<=': the piece holds the nearest number inside. Each condition is a short_text.
std::string piece_name(const PointRegion& region, const Piece& piece, const ExpressionGraph& graph,
                       const std::vector<std::string>& coordinates);

// Whether some piece follows the border of a shape.
bool has_border(const PointRegion& region);

// The whole domain as one piece.
PointRegion domain_region(const std::vector<double>& lower, const std::vector<double>& upper);

// The faces of the box in its first `coordinates` dimensions, two for each in its order; the others go over their range.
PointRegion boundary_region(const std::vector<double>& lower, const std::vector<double>& upper, std::size_t coordinates);

// Splits a boolean expression of coordinates into pieces (disjunctive normal form): `coordinate == constant` fixes a
// coordinate, a bound such as `x < 0.5` clips the box (a strict one to the nearest number inside), everything else becomes a
// condition. Pieces that lie in another one are dropped, and what two of them have in common belongs to the first: no point
// of the set is in two pieces but on their edges. Throws Error (usage) with a message without place where the set is
// empty, an equality lies outside the domain or is not of the form coordinate == constant, or no trial point meets the
// conditions. Conditions are added to the graph. text: the set as messages call it; empty: its expression.
// A node of shapes.borders gives a piece for each surface of that shape, which lies inside of shapes.domain or bounds it;
// two of them joined by && give what lies on both borders.
PointRegion condition_region(ExpressionGraph& graph, NodeId on, const std::vector<double>& lower,
                             const std::vector<double>& upper, const std::vector<std::string>& coordinates,
                             const Shapes& shapes = {}, const std::string& text = "");

}  // namespace jetpinn
