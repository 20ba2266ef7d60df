// Points whose weights make the mean over them an integral: q_i is multiplied by the measure of the part of the region in
// which point i lies, over that part's share in the mean.
#pragma once

#include "jetpinn/sampling/points_with_columns.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace jetpinn {

class IntegralPoints : public PointsWithColumns {
 public:
  // measures: [parts] length, area, ... in the units of the integral. shares: [parts] of the parts in the mean.
  IntegralPoints(std::unique_ptr<PointSource> points, const std::vector<double>& measures,
                 const std::vector<double>& shares);

  SourceColumns columns() const override;
  void fill(TermPoints& points) const override;

 private:
  std::vector<double> factors_;  // [parts]
};

}  // namespace jetpinn
