// Values of an expression without fields at points that have columns of data and attributes: weights, standard deviations.
#pragma once

#include "jetpinn/expr/graph.hpp"
#include "jetpinn/sampling/point_set.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace jetpinn {

class ValuesAtPoints {
 public:
  // Graph and points outlive it.
  ValuesAtPoints(const ExpressionGraph& graph, NodeId node, const TermPoints& points)
      : value_(graph, node),
        points_(points),
        place_(static_cast<std::size_t>(points.dimensions)),
        data_(static_cast<std::size_t>(points.data_columns)),
        attributes_(static_cast<std::size_t>(points.attribute_columns)) {}

  double operator()(std::int64_t point) {
    for (std::size_t d = 0; d < place_.size(); ++d) place_[d] = points_.coordinate(static_cast<int>(d))[point];
    read(points_.data, point, data_);
    read(points_.attributes, point, attributes_);
    return value_(place_.data(), data_.data(), attributes_.data());
  }
  const std::vector<double>& place() const { return place_; }  // of the last point, [dimensions]

 private:
  void read(const std::vector<double>& columns, std::int64_t point, std::vector<double>& values) const {
    for (std::size_t k = 0; k < values.size(); ++k)
      values[k] = columns[k * static_cast<std::size_t>(points_.local_count) + static_cast<std::size_t>(point)];
  }

  PointEvaluator value_;
  const TermPoints& points_;
  std::vector<double> place_, data_, attributes_;
};

// Whether an expression vanishes at these points but for rounding, as sin(pi*x) does at x = 1: points that differ by some
// units in their last place change it by more than its size.
inline bool is_rounding(const ExpressionGraph& graph, NodeId node, const TermPoints& points) {
  TermPoints beside = points;
  for (double& coordinate : beside.coordinates) coordinate *= 1 + 8 * std::numeric_limits<double>::epsilon();
  ValuesAtPoints here(graph, node, points), there(graph, node, beside);
  double square = 0, change = 0;
  for (std::int64_t i = 0; i < points.local_count; ++i) {
    const double value = here(i), difference = there(i) - value;
    if (std::isfinite(value)) square += value * value;
    if (std::isfinite(difference)) change += difference * difference;
  }
  return change > square;
}

}  // namespace jetpinn
