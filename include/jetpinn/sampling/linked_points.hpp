// Points each with another one that is linked with it: the same coordinates but for those that are fixed there.
#pragma once

#include "jetpinn/geometry/point_region.hpp"
#include "jetpinn/sampling/point_source.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace jetpinn {

class LinkedPoints : public PointSource {
 public:
  // pair: what the second points have in place of their first points' coordinates.
  LinkedPoints(std::unique_ptr<PointSource> first, std::vector<FixedCoordinate> pair);

  std::int64_t count() const override { return first_->count(); }
  SourceColumns columns() const override;
  void generate(std::int64_t first, std::int64_t count, double* out,
                std::int64_t stride) const override;  // the first points
  std::size_t part_of(std::int64_t point) const override { return first_->part_of(point); }
  void fill(TermPoints& points) const override;

 private:
  std::unique_ptr<PointSource> first_;
  std::vector<FixedCoordinate> pair_;
};

// Coordinates of the points that are linked with those of `points`, [dimensions, local_count].
std::vector<double> second_coordinates(const TermPoints& points, const std::vector<FixedCoordinate>& pair);

}  // namespace jetpinn
