// What primitives share.
#pragma once

#include "jetpinn/geometry/shape.hpp"

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
  virtual Surfaces surfaces() const = 0;
  std::vector<Leaf> leaves() const override { return {{shared_from_this(), surfaces()}}; }
  ShapePointer moved(const Motion& motion) const override;

 private:
  std::vector<double> lower_, upper_;
};

}  // namespace jetpinn
