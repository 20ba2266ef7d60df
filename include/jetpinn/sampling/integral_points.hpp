// Points whose weights make the mean over them an integral: q_i is multiplied by the measure of the part of the region in
// which point i lies, over that part's share in the mean.
#pragma once

#include "jetpinn/sampling/point_source.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace jetpinn {

class IntegralPoints : public PointSource {
 public:
  // measures: [parts] length, area, ... in the units of the integral. shares: [parts] of the parts in the mean.
  IntegralPoints(std::unique_ptr<PointSource> points, const std::vector<double>& measures,
                 const std::vector<double>& shares);

  std::int64_t count() const override { return points_->count(); }
  SourceColumns columns() const override;
  void generate(std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const override {
    points_->generate(first, count, out, stride);
  }
  std::size_t part_of(std::int64_t point) const override { return points_->part_of(point); }
  void fill(TermPoints& points) const override;

 private:
  std::unique_ptr<PointSource> points_;
  std::vector<double> factors_;  // [parts]
};

}  // namespace jetpinn
