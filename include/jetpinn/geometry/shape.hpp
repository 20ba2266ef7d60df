// Bodies in space: primitives, the set operations that combine them, and moves.
#pragma once

#include "jetpinn/expr/graph.hpp"
#include "jetpinn/geometry/surface.hpp"

#include <array>
#include <cstddef>
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

  // Whether the body holds what lies a little ahead of a point, along a unit vector, and what lies a little behind it. Each
  // primitive takes the step that its own rounding at the point asks for. error: how far rounding may have moved the point.
  struct Sides {
    bool ahead, behind;
    bool differ() const { return ahead != behind; }
    bool either() const { return ahead || behind; }
  };
  virtual Sides sides(const double* point, const double* normal, double error) const = 0;
  // How far rounding may move the border near a point.
  virtual double rounding(const double* point) const = 0;
  // The least that a primitive measures across; of a joined body that of the thinnest of its primitives. Of a mesh, which
  // has no thickness at its edges, its mean.
  virtual double thickness() const = 0;
  // Length, area, volume, ...; 0 where it is not known, as of joined bodies.
  virtual double volume() const { return 0; }
  // What `check` says of it beside its name; empty: its numbers in the config say all.
  virtual std::string facts() const { return ""; }

  // Where a smooth level is looked at, the border included.
  enum class Where { inside, outside, both };
  // An expression of coordinates x, [dimensions], that is 0 on the border and about as far from 0 near it as a point is from
  // it. Where it is looked at it is > 0 elsewhere; on both sides it is > 0 inside and < 0 outside. Smooth but where faces
  // meet; inside of convex bodies there too. Throws Error (usage) where the shape has none.
  virtual NodeId smooth_level(ExpressionGraph& graph, const std::vector<NodeId>& x, Where where) const;

  // A primitive with what bounds it.
  struct Leaf {
    ShapePointer shape;
    std::vector<std::shared_ptr<const Surface>> surfaces;
  };
  // Of all primitives that it is made of, in their order. The border of a combined body is made of parts of theirs.
  virtual std::vector<Leaf> leaves() const = 0;
  virtual std::size_t primitives() const = 0;  // how many leaves

  virtual ShapePointer moved(const Motion& motion) const = 0;

  // What of the body counts in a box. body: null: the box lies in it (holds) or out of it.
  struct Local {
    ShapePointer body;
    bool holds = false;
  };
  virtual Local in_box(const std::vector<double>& lower, const std::vector<double>& upper) const = 0;
};

// What lies nearer to a border than this cannot be told from it: far above rounding, far below anything that is drawn.
// rounding: of the point and of the border near it.
inline double border_room(double rounding) { return 16 * rounding; }

// Primitives. Throw Error (usage), without a place, for what has no extent, crosses or touches itself, or is too thin for
// the size of its coordinates; so does moved().
ShapePointer make_box(std::vector<double> lower, std::vector<double> upper);
ShapePointer make_ball(std::vector<double> center, double radius);
ShapePointer make_ellipsoid(std::vector<double> center, std::vector<double> semi_axes);  // 2 or 3 dimensions
ShapePointer make_polygon(std::vector<std::array<double, 2>> corners);                   // either way round
ShapePointer make_simplex(std::vector<std::vector<double>> corners);                     // dimensions + 1 corners
ShapePointer make_extrusion(ShapePointer base, double lower, double upper);              // a plane body along a third axis
ShapePointer make_mesh(const std::vector<double>& corners);                              // [triangles, 3, 3]

// Set operations, of bodies of one space. Unions of unions are one, and so are intersections. Throw Error (usage), without
// a place, beyond most_primitives.
inline constexpr std::size_t most_primitives = 1000;
ShapePointer unite(const ShapePointer& a, const ShapePointer& b);
ShapePointer intersect(const ShapePointer& a, const ShapePointer& b);
ShapePointer complement(const ShapePointer& a);

}  // namespace jetpinn
