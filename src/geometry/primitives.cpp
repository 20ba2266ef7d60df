#include "jetpinn/base/error.hpp"
#include "jetpinn/geometry/ellipsoid_distance.hpp"
#include "jetpinn/geometry/primitive.hpp"
#include "jetpinn/geometry/shape.hpp"
#include "jetpinn/geometry/smooth_level.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace jetpinn {
namespace {

// Of bodies that are the conjunction of what lies inside of some faces, each with the distance from it.
NodeId level_of_faces(ExpressionGraph& graph, const std::vector<NodeId>& faces, Shape::Where where) {
  if (where == Shape::Where::inside) return product(graph, faces);
  const NodeId level = smooth_conjunction(graph, faces);
  return where == Shape::Where::both ? level : graph.negate(level);
}

class Box : public Primitive {
 public:
  using Primitive::Primitive;

  double distance(const double* point) const override {
    double inside = -HUGE_VAL, square = 0;
    for (std::size_t d = 0; d < dimensions(); ++d) {
      const double beyond = std::max(lower()[d] - point[d], point[d] - upper()[d]);
      inside = std::max(inside, beyond);
      if (beyond > 0) square += beyond * beyond;
    }
    return inside > 0 ? std::sqrt(square) : inside;
  }
  // Near a face its own coordinate alone is rounded; a step is not zero where that is.
  double rounding(const double* point) const override {
    return rounding_of(largest(point, dimensions()) + 1e-6 * longest());
  }
  double thickness() const override {
    double least = HUGE_VAL;
    for (std::size_t d = 0; d < dimensions(); ++d) least = std::min(least, upper()[d] - lower()[d]);
    return least;
  }
  double volume() const override {
    double product = 1;
    for (std::size_t d = 0; d < dimensions(); ++d) product *= upper()[d] - lower()[d];
    return product;
  }
  NodeId smooth_level(ExpressionGraph& graph, const std::vector<NodeId>& x, Where where) const override {
    std::vector<NodeId> sides;
    for (std::size_t d = 0; d < dimensions(); ++d) sides.push_back(between(graph, x[d], lower()[d], upper()[d]));
    return level_of_faces(graph, sides, where);
  }
  Surfaces surfaces() const override {
    Surfaces faces;
    for (std::size_t d = 0; d < dimensions(); ++d)
      for (const bool high : {false, true}) faces.push_back(box_face(lower(), upper(), d, high));
    return faces;
  }
};

std::vector<double> offset(std::vector<double> center, const std::vector<double>& by, double sign) {
  for (std::size_t d = 0; d < center.size(); ++d) center[d] += sign * by[d];
  return center;
}

// pi^(n/2) r^n / Gamma(n/2 + 1), of r = 1.
double volume_of_unit_ball(std::size_t dimensions) {
  const double half = 0.5 * static_cast<double>(dimensions);
  return std::pow(std::acos(-1.0), half) / std::tgamma(half + 1);
}

class Ball : public Primitive {
 public:
  Ball(std::vector<double> center, double radius)
      : Primitive(offset(center, std::vector<double>(center.size(), radius), -1),
                  offset(center, std::vector<double>(center.size(), radius), 1)),
        center_(std::move(center)),
        radius_(radius) {}

  double distance(const double* point) const override {
    double square = 0;
    for (std::size_t d = 0; d < center_.size(); ++d) square += (point[d] - center_[d]) * (point[d] - center_[d]);
    return std::sqrt(square) - radius_;
  }
  double rounding(const double* point) const override { return rounding_of(largest(point, dimensions()) + radius_); }
  double thickness() const override { return 2 * radius_; }
  double volume() const override {
    return volume_of_unit_ball(dimensions()) * std::pow(radius_, static_cast<double>(dimensions()));
  }
  // (r^2 - |x - c|^2)/(2 r)
  NodeId smooth_level(ExpressionGraph& graph, const std::vector<NodeId>& x, Where where) const override {
    NodeId level = graph.constant(radius_ * radius_);
    for (std::size_t d = 0; d < center_.size(); ++d)
      level = graph.subtract(level, graph.power(graph.subtract(x[d], graph.constant(center_[d])), 2));
    level = graph.multiply(graph.constant(0.5 / radius_), level);
    return where == Where::outside ? graph.negate(level) : level;
  }
  Surfaces surfaces() const override {
    Surfaces all;
    if (center_.size() == 1) all.push_back(sphere_surface(center_, radius_, false));
    all.push_back(sphere_surface(center_, radius_));
    return all;
  }

 private:
  std::vector<double> center_;
  double radius_;
};

class Ellipsoid : public Primitive {
 public:
  Ellipsoid(std::vector<double> center, std::vector<double> semi_axes)
      : Primitive(offset(center, semi_axes, -1), offset(center, semi_axes, 1)),
        center_(std::move(center)),
        axes_(std::move(semi_axes)) {}

  double distance(const double* point) const override {
    std::vector<double> place(axes_.size());
    for (std::size_t d = 0; d < axes_.size(); ++d) place[d] = point[d] - center_[d];
    return ellipsoid_distance(axes_, place);
  }
  double rounding(const double* point) const override { return rounding_of(largest(point, dimensions()) + longest()); }
  double thickness() const override { return 2 * *std::min_element(axes_.begin(), axes_.end()); }
  double volume() const override {
    return volume_of_unit_ball(dimensions()) * axes_[0] * axes_[1] * (dimensions() == 3 ? axes_[2] : 1);
  }
  NodeId smooth_level(ExpressionGraph& graph, const std::vector<NodeId>& x, Where where) const override {
    NodeId level = graph.constant(1);
    for (std::size_t d = 0; d < axes_.size(); ++d) {
      const NodeId place = graph.subtract(x[d], graph.constant(center_[d]));
      level = graph.subtract(level, graph.power(graph.multiply(graph.constant(1 / axes_[d]), place), 2));
    }
    level = graph.multiply(graph.constant(thickness() / 4), level);
    return where == Where::outside ? graph.negate(level) : level;
  }
  Surfaces surfaces() const override { return {ellipsoid_surface(center_, axes_)}; }

 private:
  std::vector<double> center_, axes_;
};

class Simplex : public Primitive {
 public:
  explicit Simplex(const std::vector<std::vector<double>>& corners)
      : Primitive(least(corners, false), least(corners, true)) {
    const std::size_t n = dimensions();
    for (std::size_t left_out = 0; left_out <= n; ++left_out) {
      std::vector<double> face;
      for (std::size_t c = 0; c <= n; ++c)
        if (c != left_out) face.insert(face.end(), corners[c].begin(), corners[c].end());
      double height = 0;
      faces_.push_back(flat_piece(face, corners[left_out], &height));
      Plane plane{std::vector<double>(n), 0};
      faces_.back()->normal(nullptr, plane.normal.data());
      for (std::size_t d = 0; d < n; ++d) plane.offset += plane.normal[d] * face[d];
      for (std::size_t c = 0; c <= n; ++c)
        if (c != left_out) slip_ = std::max(slip_, std::abs(plane.ahead(corners[c].data())));
      thickness_ = std::min(thickness_, height);
      volume_ = faces_.back()->measure() * height / static_cast<double>(n);
      planes_.push_back(std::move(plane));
    }
  }

  double distance(const double* point) const override {
    double most = -HUGE_VAL;
    for (const Plane& plane : planes_) most = std::max(most, plane.ahead(point));
    return most;
  }
  double rounding(const double* point) const override {
    return rounding_of(largest(point, dimensions()) + longest()) + slip_;
  }
  double thickness() const override { return thickness_; }
  double volume() const override { return volume_; }
  // Its least height is what rounding of its edges alone makes of one that has none.
  bool flat() const { return !(thickness_ > 16 * rounding_of(longest())); }
  NodeId smooth_level(ExpressionGraph& graph, const std::vector<NodeId>& x, Where where) const override {
    std::vector<NodeId> behind;
    for (const Plane& plane : planes_) behind.push_back(graph.negate(linear(graph, plane.normal, x, -plane.offset)));
    return level_of_faces(graph, behind, where);
  }
  Surfaces surfaces() const override { return faces_; }

 private:
  struct Plane {
    std::vector<double> normal;
    double offset;
    double ahead(const double* point) const {
      double ahead = -offset;
      for (std::size_t d = 0; d < normal.size(); ++d) ahead += normal[d] * point[d];
      return ahead;
    }
  };

  static std::vector<double> least(const std::vector<std::vector<double>>& corners, bool most) {
    std::vector<double> bound = corners[0];
    for (const auto& corner : corners)
      for (std::size_t d = 0; d < bound.size(); ++d)
        bound[d] = most ? std::max(bound[d], corner[d]) : std::min(bound[d], corner[d]);
    return bound;
  }

  Surfaces faces_;
  std::vector<Plane> planes_;
  double volume_ = 0, thickness_ = HUGE_VAL, slip_ = 0;  // slip: how far corners lie off the planes through them
};

using Corner = std::array<double, 2>;

// > 0 where c lies to the left of the way from a to b.
double turn(const Corner& a, const Corner& b, const Corner& c) {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

bool cross(const Corner& a, const Corner& b, const Corner& c, const Corner& d) {
  return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
}

// Beyond `most` some number that is larger too: most edges of a polygon are not the nearest one, and hypot takes longer than
// all else.
double distance_to_edge(const double* point, const Corner& a, const Corner& b, double most = HUGE_VAL) {
  const double e[2] = {b[0] - a[0], b[1] - a[1]}, p[2] = {point[0] - a[0], point[1] - a[1]};
  const double t = std::clamp((p[0] * e[0] + p[1] * e[1]) / (e[0] * e[0] + e[1] * e[1]), 0.0, 1.0);
  const double away[2] = {p[0] - t * e[0], p[1] - t * e[1]};
  const double longer = std::max(std::abs(away[0]), std::abs(away[1]));
  return longer > most ? longer : std::hypot(away[0], away[1]);
}

// The corner of a polygon that lies nearest to an edge which is not its own.
struct Narrowest {
  std::size_t corner = 0, edge = 0;
  double width = HUGE_VAL;
};

Narrowest narrowest(const std::vector<Corner>& corners) {
  Narrowest least;
  const std::size_t n = corners.size();
  for (std::size_t c = 0; c < n; ++c)
    for (std::size_t e = 0; e < n; ++e) {
      if (c == e || c == (e + 1) % n) continue;
      const double width = distance_to_edge(corners[c].data(), corners[e], corners[(e + 1) % n]);
      if (width < least.width) least = {c, e, width};
    }
  return least;
}

class Polygon : public Primitive {
 public:
  explicit Polygon(std::vector<Corner> corners)
      : Primitive(bound(corners, false), bound(corners, true)), corners_(corners), thickness_(narrowest(corners).width) {
    double twice = 0;
    for (std::size_t i = 0; i < corners_.size(); ++i) twice += corners_[i][0] * next(i)[1] - next(i)[0] * corners_[i][1];
    if (twice < 0) std::reverse(corners_.begin(), corners_.end());  // the inside is on the left
    area_ = std::abs(twice) / 2;
  }

  double distance(const double* point) const override {
    double nearest = HUGE_VAL;
    bool inside = false;
    for (std::size_t i = 0; i < corners_.size(); ++i) {
      const Corner &a = corners_[i], &b = next(i);
      nearest = std::min(nearest, distance_to_edge(point, a, b, nearest));
      if ((a[1] > point[1]) != (b[1] > point[1]) && point[0] < a[0] + (point[1] - a[1]) * (b[0] - a[0]) / (b[1] - a[1]))
        inside = !inside;
    }
    return inside ? -nearest : nearest;
  }
  double rounding(const double* point) const override { return rounding_of(largest(point, 2) + longest()); }
  double thickness() const override { return thickness_; }
  double volume() const override { return area_; }
  // Each edge once (Dobkin, Guibas, Hershberger, Snoeyink, An efficient algorithm for finding the CSG representation of a
  // simple polygon, 1988): the body is the conjunction of what its hull's edges bound, or the chains of edges that run
  // inside of these, a chain the disjunction of the same of its own hull, and so on.
  NodeId smooth_level(ExpressionGraph& graph, const std::vector<NodeId>& x, Where where) const override {
    std::size_t first = 0;  // some corner of the hull
    for (std::size_t i = 1; i < corners_.size(); ++i)
      if (corners_[i] < corners_[first]) first = i;
    return level_of_faces(graph, levels_along(graph, x, first, first + corners_.size(), true), where);
  }
  Surfaces surfaces() const override {
    Surfaces edges;
    for (std::size_t i = 0; i < corners_.size(); ++i) {
      const Corner &a = corners_[i], &b = next(i);
      const std::vector<double> left = {0.5 * (a[0] + b[0]) - (b[1] - a[1]), 0.5 * (a[1] + b[1]) + (b[0] - a[0])};
      edges.push_back(flat_piece({a[0], a[1], b[0], b[1]}, left));
    }
    return edges;
  }

 private:
  static std::vector<double> bound(const std::vector<Corner>& corners, bool most) {
    std::vector<double> bound(corners[0].begin(), corners[0].end());
    for (const Corner& corner : corners)
      for (std::size_t d = 0; d < 2; ++d) bound[d] = most ? std::max(bound[d], corner[d]) : std::min(bound[d], corner[d]);
    return bound;
  }
  const Corner& next(std::size_t i) const { return corners_[(i + 1) % corners_.size()]; }
  const Corner& corner(std::size_t i) const { return corners_[i % corners_.size()]; }

  // Of the chain from one corner to a later one, by the edges of its hull on the right of the way, or on the left: what lies
  // on the left of each edge, or of the chain that it spans.
  std::vector<NodeId> levels_along(ExpressionGraph& graph, const std::vector<NodeId>& x, std::size_t from, std::size_t to,
                                   bool right) const {
    std::vector<NodeId> levels;
    for (std::size_t at = from, next = 0; at < to; at = next) {
      next = next_of_hull(at, to, right);
      if (next == at + 1) {
        levels.push_back(left_of(graph, x, corner(at), corner(next)));
        continue;
      }
      const std::vector<NodeId> parts = levels_along(graph, x, at, next, !right);
      levels.push_back(right ? smooth_disjunction(graph, parts) : smooth_conjunction(graph, parts));
    }
    return levels;
  }
  // The corner behind `at` to which the hull of the chain up to `to` goes on.
  std::size_t next_of_hull(std::size_t at, std::size_t to, bool right) const {
    std::size_t best = at + 1;
    for (std::size_t i = at + 2; i <= to; ++i) {
      const double side = turn(corner(at), corner(best), corner(i));
      if (right ? side < 0 : side > 0) best = i;
    }
    return best;
  }
  static NodeId left_of(ExpressionGraph& graph, const std::vector<NodeId>& x, const Corner& a, const Corner& b) {
    const double length = std::hypot(b[0] - a[0], b[1] - a[1]);
    const std::vector<double> left = {-(b[1] - a[1]) / length, (b[0] - a[0]) / length};
    return linear(graph, left, x, -(left[0] * a[0] + left[1] * a[1]));
  }

  std::vector<Corner> corners_;
  double thickness_, area_ = 0;
};

class Extrusion : public Primitive {
 public:
  Extrusion(ShapePointer base, double lower, double upper)
      : Primitive(with(base->lower(), lower), with(base->upper(), upper)), base_(std::move(base)) {}

  double distance(const double* point) const override {
    const double aside = base_->distance(point), along = std::max(lower()[2] - point[2], point[2] - upper()[2]);
    if (aside <= 0 || along <= 0) return std::max(aside, along);
    return std::hypot(aside, along);
  }
  double rounding(const double* point) const override { return base_->rounding(point) + rounding_of(std::abs(point[2])); }
  double thickness() const override { return std::min(base_->thickness(), upper()[2] - lower()[2]); }
  double volume() const override { return base_->volume() * (upper()[2] - lower()[2]); }
  NodeId smooth_level(ExpressionGraph& graph, const std::vector<NodeId>& x, Where where) const override {
    const NodeId aside = base_->smooth_level(graph, {x[0], x[1]}, where == Where::inside ? where : Where::both);
    return level_of_faces(graph, {aside, between(graph, x[2], lower()[2], upper()[2])}, where);
  }
  Surfaces surfaces() const override {
    Surfaces all;
    for (const Leaf& leaf : base_->leaves())
      for (const auto& side : leaf.surfaces) all.push_back(wall(side, lower()[2], upper()[2]));
    for (const bool high : {false, true}) all.push_back(std::make_shared<Lid>(base_, box_face(lower(), upper(), 2, high)));
    return all;
  }

 private:
  static std::vector<double> with(std::vector<double> plane, double third) {
    plane.push_back(third);
    return plane;
  }

  // What of a face of its box lies over the base.
  class Lid : public Surface {
   public:
    Lid(ShapePointer base, std::unique_ptr<Surface> face) : base_(std::move(base)), face_(std::move(face)) {}
    int parameters() const override { return face_->parameters(); }
    double measure() const override { return face_->measure(); }
    bool place(const double* fractions, double* point) const override {
      return face_->place(fractions, point) && base_->holds(point);
    }
    void normal(const double* point, double* normal) const override { face_->normal(point, normal); }

   private:
    ShapePointer base_;
    std::unique_ptr<Surface> face_;
  };

  ShapePointer base_;
};

void require_extent(const std::vector<double>& lower, const std::vector<double>& upper, const std::string& what) {
  for (std::size_t d = 0; d < lower.size(); ++d)
    if (!(lower[d] < upper[d])) throw Error(Status::usage, what + " has no extent: each lower end lies below its upper end");
}

}  // namespace

ShapePointer make_box(std::vector<double> lower, std::vector<double> upper) {
  require_extent(lower, upper, "this box");
  return require_thickness(std::make_shared<Box>(std::move(lower), std::move(upper)));
}

ShapePointer make_ball(std::vector<double> center, double radius) {
  if (!(radius > 0)) throw Error(Status::usage, "a radius is above 0");
  return require_thickness(std::make_shared<Ball>(std::move(center), radius));
}

ShapePointer make_ellipsoid(std::vector<double> center, std::vector<double> semi_axes) {
  for (const double axis : semi_axes)
    if (!(axis > 0)) throw Error(Status::usage, "a semi-axis is above 0");
  return require_thickness(std::make_shared<Ellipsoid>(std::move(center), std::move(semi_axes)));
}

ShapePointer make_polygon(std::vector<std::array<double, 2>> corners) {
  const std::size_t n = corners.size();
  if (n < 3) throw Error(Status::usage, "a polygon has three corners at least");
  double area = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (corners[i] == corners[(i + 1) % n]) throw Error(Status::usage, "this polygon has the same corner twice in a row");
    area += turn(corners[0], corners[i], corners[(i + 1) % n]) / 2;
    for (std::size_t k = i + 1; k < n; ++k)
      if (cross(corners[i], corners[(i + 1) % n], corners[k], corners[(k + 1) % n]))
        throw Error(Status::usage, "edges " + std::to_string(i + 1) + " and " + std::to_string(k + 1) +
                                       " of this polygon cross; list its corners one after the other around it");
  }
  if (area == 0) throw Error(Status::usage, "this polygon has no area: its corners lie on a line");
  auto polygon = std::make_shared<Polygon>(corners);
  const Narrowest least = narrowest(corners);
  if (least.width <= border_room(2 * polygon->rounding(corners[least.corner].data())))
    throw Error(Status::usage, "corner " + std::to_string(least.corner + 1) + " of this polygon lies on its edge " +
                                   std::to_string(least.edge + 1) + "; its border goes through each point once");
  return require_thickness(std::move(polygon));
}

ShapePointer make_simplex(std::vector<std::vector<double>> corners) {
  const std::size_t n = corners.empty() ? 0 : corners[0].size();
  if (n == 0 || corners.size() != n + 1)
    throw Error(Status::usage,
                "a simplex in " + std::to_string(n) + " dimensions has " + std::to_string(n + 1) + " corners");
  auto simplex = std::make_shared<Simplex>(corners);
  if (simplex->flat())
    throw Error(Status::usage, "this simplex is flat: its " + std::to_string(n + 1) + " corners lie in fewer than " +
                                   std::to_string(n) + " dimensions");
  if (n == 2)
    return make_polygon({{corners[0][0], corners[0][1]}, {corners[1][0], corners[1][1]}, {corners[2][0], corners[2][1]}});
  return require_thickness(std::move(simplex));
}

ShapePointer make_extrusion(ShapePointer base, double lower, double upper) {
  require_extent({lower}, {upper}, "this extrusion");
  return require_thickness(std::make_shared<Extrusion>(std::move(base), lower, upper));
}

}  // namespace jetpinn
