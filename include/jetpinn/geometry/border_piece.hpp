// The border of a body, surface by surface.
#pragma once

#include "jetpinn/geometry/shape.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace jetpinn {

// Where one surface of one of its primitives bounds a body.
class BorderPiece {
 public:
  BorderPiece(ShapePointer body, const std::vector<Shape::Leaf>& leaves, std::size_t leaf, std::size_t surface);

  const Surface& surface() const { return *surface_; }
  const ShapePointer& body() const { return body_; }
  // A box that holds the surface and what rounding adds to it. [dimensions]
  const std::vector<double>& lower() const { return lower_; }
  const std::vector<double>& upper() const { return upper_; }
  bool same_surface(const BorderPiece& other) const {
    return body_ == other.body_ && shape_ == other.shape_ && number_ == other.number_;
  }
  // How far rounding may have moved a point of the surface.
  double rounding(const double* point) const { return shape_->rounding(point); }
  // Whether a point of the surface bounds the body: it lies inside on one side alone. What two primitives share belongs to
  // the first of them.
  bool on_border(const double* point) const;
  // Whether another body has the point on its own border.
  bool on_border_of(const Shape& other, const double* point) const { return sides(other, point).differ(); }
  // Whether another body has the point inside or on its border.
  bool within(const Shape& other, const double* point) const { return sides(other, point).either(); }
  // The unit normal at a point that bounds the body: out of the domain where the point bounds that too, else out of the
  // body. domain: null: there is none. normal: [dimensions]
  void normal(const double* point, double* normal, const Shape* domain = nullptr) const;

 private:
  Shape::Sides sides(const Shape& other, const double* point) const;

  ShapePointer body_, shape_;  // shape: the primitive
  ShapePointer near_;          // what of the body counts beside the surface; null: the surface bounds nothing
  std::shared_ptr<const Surface> surface_;
  std::size_t number_;                 // of the surface among those of its primitive
  std::vector<ShapePointer> earlier_;  // primitives before the surface's own that count there
  std::vector<double> lower_, upper_;
};

// A piece for each surface of its primitives; some may lie nowhere on the border.
std::vector<std::shared_ptr<const BorderPiece>> border_pieces(const ShapePointer& body);

}  // namespace jetpinn
