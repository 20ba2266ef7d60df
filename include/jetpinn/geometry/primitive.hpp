// What primitives share.
#pragma once

#include "jetpinn/geometry/shape.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace jetpinn {

class Primitive : public Shape {
 public:
  using Surfaces = std::vector<std::shared_ptr<const Surface>>;

  Primitive(std::vector<double> lower, std::vector<double> upper) : lower_(std::move(lower)), upper_(std::move(upper)) {}

  const std::vector<double>& lower() const override { return lower_; }
  const std::vector<double>& upper() const override { return upper_; }
  Sides sides(const double* point, const double* normal, double error) const override;
  virtual Surfaces surfaces() const = 0;
  std::vector<Leaf> leaves() const override { return {{shared_from_this(), surfaces()}}; }
  std::size_t primitives() const override { return 1; }
  ShapePointer moved(const Motion& motion) const override;
  Local in_box(const std::vector<double>& lower, const std::vector<double>& upper) const override;

 protected:
  double longest() const;  // side of its box

 private:
  std::vector<double> lower_, upper_;
};

// What a few operations on numbers of this size may be off by.
double rounding_of(double size);
double largest(const double* point, std::size_t dimensions);  // amount of its numbers

// Gives the primitive back. Throws Error (usage) where rounding at its place could take it for empty.
ShapePointer require_thickness(std::shared_ptr<const Primitive> primitive);

}  // namespace jetpinn
