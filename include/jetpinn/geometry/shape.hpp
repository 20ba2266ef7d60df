// Bodies in space: primitives, the set operations that combine them, and moves.
#pragma once

#include "jetpinn/geometry/surface.hpp"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

class Shape;
using ShapePointer = std::shared_ptr<const Shape>;

// Scaled by `factor` about the origin, then turned, then shifted.
struct Motion {
  double factor = 1;          // > 0
  std::vector<double> turn;   // [dimensions, dimensions] orthogonal, row by row; empty: not turned
  std::vector<double> shift;  // [dimensions]; empty: not shifted
};

class Shape : public std::enable_shared_from_this<Shape> {
 public:
  virtual ~Shape() = default;

  std::size_t dimensions() const { return lower().size(); }
  // A box that holds the body; infinite where the body is. [dimensions]
  virtual const std::vector<double>& lower() const = 0;
  virtual const std::vector<double>& upper() const = 0;

  // Signed distance to the border, < 0 inside. Exact for primitives but outside of a simplex in three dimensions or more; of
  // a union exact outside, of an intersection inside. Elsewhere no larger in size than the distance, and always of the right
  // sign (Quilez, Distance functions).
  virtual double distance(const double* point) const = 0;
  bool holds(const double* point) const { return distance(point) <= 0; }

  // A text in the expression language, of coordinates that are called so, which is <= 0 in the body and > 0 outside.
  virtual std::string level(const std::vector<std::string>& coordinates) const = 0;

  // A primitive with what bounds it.
  struct Leaf {
    ShapePointer shape;
    std::vector<std::shared_ptr<const Surface>> surfaces;
  };
  // Of all primitives that it is made of, in their order. The border of a combined body is made of parts of theirs.
  virtual std::vector<Leaf> leaves() const = 0;

  virtual ShapePointer moved(const Motion& motion) const = 0;
};

// Primitives. Throw Error (usage), without a place, for what has no extent or crosses itself.
ShapePointer make_box(std::vector<double> lower, std::vector<double> upper);
ShapePointer make_ball(std::vector<double> center, double radius);
ShapePointer make_ellipsoid(std::vector<double> center, std::vector<double> semi_axes);  // 2 or 3 dimensions
ShapePointer make_polygon(std::vector<std::array<double, 2>> corners);                   // either way round
ShapePointer make_simplex(std::vector<std::vector<double>> corners);                     // dimensions + 1 corners
ShapePointer make_extrusion(ShapePointer base, double lower, double upper);              // a plane body along a third axis

// Set operations, of bodies of one space.
ShapePointer unite(ShapePointer a, ShapePointer b);
ShapePointer intersect(ShapePointer a, ShapePointer b);
ShapePointer complement(ShapePointer a);

}  // namespace jetpinn
