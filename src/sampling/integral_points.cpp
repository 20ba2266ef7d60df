#include "jetpinn/sampling/integral_points.hpp"

#include <algorithm>
#include <utility>

namespace jetpinn {

IntegralPoints::IntegralPoints(std::unique_ptr<PointSource> points, const std::vector<double>& measures,
                               const std::vector<double>& shares)
    : PointsWithColumns(std::move(points)) {
  for (std::size_t p = 0; p < measures.size(); ++p) factors_.push_back(shares[p] > 0 ? measures[p] / shares[p] : 0);
}

SourceColumns IntegralPoints::columns() const {
  SourceColumns columns = source().columns();
  columns.quadrature = true;
  return columns;
}

void IntegralPoints::fill(TermPoints& points) const {
  const bool weighs = source().columns().quadrature;
  source().fill(points);
  if (points.quadrature_columns == 0) return;
  if (!weighs) std::fill(points.quadrature.begin(), points.quadrature.end(), 1.0);
  std::size_t i = 0;
  for (const Block& block : points.blocks)
    for (std::int64_t number = block.first; number < block.first + block.count; ++number)
      points.quadrature[i++] *= factors_[part_of(number)];
}

}  // namespace jetpinn
