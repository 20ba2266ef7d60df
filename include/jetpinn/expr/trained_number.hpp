// A number of the expressions that is trained with the network. An optimiser moves theta, which may be any number; what
// expressions see is a smooth function of it that keeps the bounds:
//
//   no bound     c theta,  c its scale
//   a < v        a + exp(theta)
//   v < b        b - exp(-theta)
//   a < v < b    a + (b - a) s / (1 + s),  s = exp(min(theta, 30))
//
// Near a bound a step of theta changes the distance to it by a share of it. The last form is that of a logistic function
// which neither overflows nor loses the digits of small values; beyond 30 it is the bound to thirteen digits.
#pragma once

#include "jetpinn/expr/graph.hpp"

#include <optional>
#include <string>

namespace jetpinn {

struct TrainedNumber {
  std::string name;
  double start = 0;                    // the value that a training begins with
  std::optional<double> lower, upper;  // bounds, which the value never leaves
  double scale = 1;                    // of a number without bounds
  double learning_rate = 0;            // that of optimisers with a schedule, where the schedule begins; 0: the stage's

  bool contains(double value) const;  // strictly between the bounds
  double value(double theta) const;
  double slope(double theta) const;                      // d value / d theta
  double theta(double value) const;                      // the inverse, for what `contains` holds
  NodeId node(ExpressionGraph& graph, int index) const;  // the value of trainable `index`
};

}  // namespace jetpinn
