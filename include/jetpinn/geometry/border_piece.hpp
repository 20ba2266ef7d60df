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
  const Shape& shape() const { return *shape_; }  // the primitive that the surface bounds
  // Whether a point of the surface bounds the body: it lies inside on one side alone. What two primitives share belongs to
  // the first of them.
  bool on_border(const double* point) const;
  // Whether another body has the point on its own border.
  bool on_border_of(const Shape& other, const double* point) const;
  // Whether another body has the point inside or on its border.
  bool within(const Shape& other, const double* point) const;
  // The unit normal at a point that bounds the body: out of the domain where the point bounds that too, else out of the
  // body. domain: null: there is none. normal: [dimensions]
  void normal(const double* point, double* normal, const Shape* domain = nullptr) const;

 private:
  struct Sides {
    std::vector<double> ahead, behind;  // [dimensions] a little along the surface's normal, and against it
  };
  Sides beside(const double* point) const;

  ShapePointer body_, shape_;
  std::shared_ptr<const Surface> surface_;
  std::vector<ShapePointer> earlier_;  // primitives before the surface's own
  double step_;                        // how far beside the surface its two sides are looked at
};

// A piece for each surface of its primitives; some may lie nowhere on the border.
std::vector<std::shared_ptr<const BorderPiece>> border_pieces(const ShapePointer& body);

}  // namespace jetpinn
