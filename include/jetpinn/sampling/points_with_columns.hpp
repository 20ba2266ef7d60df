// The points of another source, to which a derived class adds columns.
#pragma once

#include "jetpinn/sampling/point_source.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace jetpinn {

class PointsWithColumns : public PointSource {
 public:
  std::int64_t count() const override { return points_->count(); }
  void generate(std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const override {
    points_->generate(first, count, out, stride);
  }
  std::size_t part_of(std::int64_t point) const override { return points_->part_of(point); }

 protected:
  explicit PointsWithColumns(std::unique_ptr<PointSource> points) : points_(std::move(points)) {}
  const PointSource& source() const { return *points_; }

 private:
  std::unique_ptr<PointSource> points_;
};

}  // namespace jetpinn
