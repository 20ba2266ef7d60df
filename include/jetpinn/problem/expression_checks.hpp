// What an expression must be to stand where it does.
#pragma once

#include "jetpinn/expr/graph.hpp"

namespace jetpinn {

// Whether a change of some field could change the value smoothly: truth values, step and sign are flat wherever they do not
// jump.
bool learns_from_fields(const ExpressionGraph& graph, NodeId root);

// Whether a set can be described by it: true or false at every point, not a number such as x - 1.
bool is_condition(const ExpressionGraph& graph, NodeId root);

// Of the derivatives of fields in it; 0: there is none.
int highest_order(const ExpressionGraph& graph, NodeId root);

}  // namespace jetpinn
