#include "jetpinn/sampling/linked_points.hpp"

#include <algorithm>
#include <utility>

namespace jetpinn {

LinkedPoints::LinkedPoints(std::unique_ptr<PointSource> first, std::vector<FixedCoordinate> pair)
    : first_(std::move(first)), pair_(std::move(pair)) {}

SourceColumns LinkedPoints::columns() const {
  SourceColumns columns = first_->columns();
  columns.second = true;
  return columns;
}

void LinkedPoints::generate(std::int64_t first, std::int64_t count, double* out, std::int64_t stride) const {
  first_->generate(first, count, out, stride);
}

void LinkedPoints::fill(TermPoints& points) const {
  first_->fill(points);
  points.second = second_coordinates(points, pair_);
}

std::vector<double> second_coordinates(const TermPoints& points, const std::vector<FixedCoordinate>& pair) {
  std::vector<double> second = points.coordinates;
  for (const auto& [coordinate, value] : pair)
    std::fill_n(second.begin() + coordinate * points.local_count, points.local_count, value);
  return second;
}

}  // namespace jetpinn
