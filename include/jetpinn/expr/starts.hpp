// Expressions with the numbers that a training begins with in place of trained ones.
#pragma once

#include "jetpinn/expr/graph.hpp"

namespace jetpinn {

NodeId substitute_starts(ExpressionGraph& graph, NodeId node);

}  // namespace jetpinn
