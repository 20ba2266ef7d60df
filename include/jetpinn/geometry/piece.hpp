// A flat part of the domain, or a part of the border of a shape: what regions are made of.
#pragma once

#include "jetpinn/expr/graph.hpp"
#include "jetpinn/geometry/border_piece.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// What a piece has in place of some of its coordinates: points of the border of a body.
struct BorderPart {
  std::string name;  // as sets call it: "disk", "fluid & solid"
  std::shared_ptr<const BorderPiece> border;
  ShapePointer other;                // a body that has them on its border too; null: none
  ShapePointer domain;               // a body in which they lie or which they bound; null: any
  std::vector<std::size_t> axes;     // the coordinates of their space
  std::vector<double> lower, upper;  // [axes] the domain's box, out of which rounding alone takes a point
};

// Where the domain lies beside a flat piece that one coordinate of its space fixes. Points of a hole's side that
// lies in the piece are points of the closed domain too, and the domain is nowhere beside them.
struct FlatSide {
  ShapePointer domain;                    // what of it counts there
  std::vector<std::size_t> axes;          // the coordinates of its space
  std::size_t across;                     // which of the axes is fixed
  bool holds(const double* point) const;  // whether the domain lies on either side of the piece
};

// A box in which some coordinates are fixed (lower == upper).
struct Piece {
  std::vector<double> lower, upper;  // [dimensions]; of a part of a border a box that holds it
  std::shared_ptr<const BorderPart> border = nullptr;
  std::shared_ptr<const FlatSide> flat = nullptr;  // where points of the piece count alone; null: anywhere
  NodeId condition = -1;               // further restriction (nonzero: inside), or -1
  // Length, area, ... in its free coordinates, each in units of the domain's length along it; 1 for a point. With a
  // condition, the share of it that a fixed set of trial points found.
  double measure = 1;
  double size = 0;  // of a part of a border: the same in the coordinates' own units
  // Earlier alternatives of its set that may have points in common with it: they keep them, and it leaves them out. One for
  // all surfaces of a border.
  std::vector<std::shared_ptr<const Piece>> earlier{};
  // Where points are drawn for a piece without a border: a box in its own that holds all that its condition leaves of it.
  // Empty: its own box.
  std::vector<double> drawn_lower{}, drawn_upper{};
  double known_share = 0;  // of that box, which belongs to the piece; 0: trial points tell
};

bool is_empty(const Piece& piece);  // whether its box holds no point

// A coordinate with one value.
struct FixedCoordinate {
  int coordinate = 0;
  double value = 0;
};

// That of a piece without a border; null: it fixes no coordinate of the space, or several, or its box lies in the domain.
std::shared_ptr<const FlatSide> flat_side(const Piece& piece, const ShapePointer& domain,
                                          const std::vector<std::size_t>& axes);

// Those that a piece fixes, in the order of the coordinates.
std::vector<FixedCoordinate> fixed_coordinates(const Piece& piece);

// The box in which its points are drawn.
struct DrawnBox {
  const std::vector<double>&lower, &upper;
};
inline DrawnBox drawn_box(const Piece& piece) {
  return piece.drawn_lower.empty() ? DrawnBox{piece.lower, piece.upper} : DrawnBox{piece.drawn_lower, piece.drawn_upper};
}

// Coordinates of a piece that numbers in [0, 1) place freely: those that are neither fixed nor its border's.
std::vector<std::size_t> free_coordinates(const Piece& piece);
// How many dimensions a piece has: 0 for a single point, 1 for a curve, ...
int dimension_of(const Piece& piece);
// How many numbers place a point in a piece, no fewer than its dimensions; the point that they place, which is not a number
// where they place none; and whether it belongs to the piece, whose condition is apart. point: [dimensions]
int parameters_of(const Piece& piece);
void place_in(const Piece& piece, const std::vector<std::size_t>& free, const double* fractions, double* point);
bool is_in(const Piece& piece, const double* point);
// Both halves of that: the piece's box, and of a part of a border the rest, which is the same in every box.
bool is_in_box(const Piece& piece, const double* point);
bool is_in_part(const BorderPart& part, const double* point);

// Whether two pieces may share more than what has fewer dimensions than they: their boxes meet, and so do the directions
// in which they are flat.
bool may_overlap(const Piece& a, const Piece& b);
// Whether a point of a piece lies in another one as well, conditions apart, where may_overlap() holds; whichever surface of
// the other's border it is.
bool is_in_other(const Piece& other, const Piece& piece, const double* point);

}  // namespace jetpinn
