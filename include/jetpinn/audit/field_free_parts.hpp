// The parts of a residual that no field enters: what fields are multiplied by, divided by, added to.
#pragma once

#include "jetpinn/expr/graph.hpp"

#include <vector>

namespace jetpinn {

struct FieldFreePart {
  NodeId shown = -1;         // "1/sin(x)": a divisor's inverse; without sign and constant factor
  NodeId value = -1;         // the same where the residual depends on it, 1 elsewhere (in a
                             // branch that `where` does not take)
  NodeId divisor = -1;       // of what shown is the inverse; -1: it is none
  bool coefficient = false;  // a factor of something with fields; false: a summand or an argument beside one
};

// The largest such parts that depend on coordinates, each once. What stands under a condition on fields, in a comparison or
// beside a field in min and max is left out: whether it counts is known at run time only. The graph grows.
std::vector<FieldFreePart> field_free_parts(ExpressionGraph& graph, const std::vector<NodeId>& residuals);

}  // namespace jetpinn
