#include "jetpinn/expr/trained_number.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {
namespace {

constexpr double largest_theta = 30;  // of a number with two bounds

}  // namespace

bool TrainedNumber::contains(double value) const {
  return std::isfinite(value) && !(lower && value <= *lower) && !(upper && value >= *upper);
}

double TrainedNumber::value(double theta) const {
  if (lower && upper) {
    const double s = std::exp(std::min(theta, largest_theta));
    return *lower + (*upper - *lower) * (s / (1 + s));
  }
  if (lower) return *lower + std::exp(theta);
  if (upper) return *upper - std::exp(-theta);
  return scale * theta;
}

double TrainedNumber::slope(double theta) const {
  if (lower && upper) {
    if (theta > largest_theta) return 0;
    const double s = std::exp(theta);
    return (*upper - *lower) * (s / (1 + s)) / (1 + s);
  }
  if (lower) return std::exp(theta);
  if (upper) return std::exp(-theta);
  return scale;
}

double TrainedNumber::theta(double value) const {
  if (lower && upper) return std::log((value - *lower) / (*upper - value));
  if (lower) return std::log(value - *lower);
  if (upper) return -std::log(*upper - value);
  return value / scale;
}

NodeId TrainedNumber::node(ExpressionGraph& graph, int index) const {
  const NodeId theta = graph.trainable(index);
  if (lower && upper) {
    const NodeId s = graph.call("exp", graph.call("min", theta, graph.constant(largest_theta)));
    const NodeId share = graph.divide(s, graph.add(graph.constant(1), s));
    return graph.add(graph.constant(*lower), graph.multiply(graph.constant(*upper - *lower), share));
  }
  if (lower) return graph.add(graph.constant(*lower), graph.call("exp", theta));
  if (upper) return graph.subtract(graph.constant(*upper), graph.call("exp", graph.negate(theta)));
  return scale == 1 ? theta : graph.multiply(graph.constant(scale), theta);
}

}  // namespace jetpinn
