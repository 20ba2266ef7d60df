// Conditions that a field meets by its form (hard = true): u = G + P N, where N is what the network gives, P an expression
// that vanishes on the sets of the conditions, and G one that has their values there. G is, where that does,
//   the value of one condition that has those of all others on their sets too;
//   the transfinite interpolation of the values on faces of the box (Gordon 1971), coordinate by coordinate;
//   else their mean with weights that fall as squares of P's factors (Sukumar, Srivastava 2022, equation 37).
#pragma once

#include "jetpinn/geometry/point_region.hpp"
#include "jetpinn/problem/problem.hpp"

#include <string>
#include <vector>

namespace jetpinn {

struct HardCondition {
  std::string name;
  SourceText place;  // of its set
  int field = 0;
  NodeId value = -1;   // that the field has there: an expression of coordinates
  PointRegion region;  // whole faces of the box, and whole borders of shapes
};

// From a residual c (u - g), in the fields, with a constant c. Throws Error (usage), without a place, for any other.
HardCondition hard_condition(Problem& problem, NodeId residual);

// The field that meets them all; output: what it is without. domain: the points for which it is made. Throws Error (usage)
// where sets are parts of faces or borders, and, without a place, where two conditions have different values on one set.
NodeId hard_output(Problem& problem, const std::vector<HardCondition>& conditions, const PointRegion& domain, NodeId output);

}  // namespace jetpinn
