// A boolean expression as alternatives.
#pragma once

#include "jetpinn/expr/graph.hpp"

#include <vector>

namespace jetpinn {

using Conjunction = std::vector<NodeId>;  // leaves joined by &&; none: everywhere true

// The disjunctive normal form: alternatives joined by ||, each once, in their order; none: nowhere true. A negation stands
// in front of leaves alone, as the opposite comparison where the leaf is one. Negated leaves are added to the graph. Throws
// Error (usage), without a place, beyond 1024 combinations or 4096 alternatives.
std::vector<Conjunction> normal_form(ExpressionGraph& graph, NodeId root);

}  // namespace jetpinn
