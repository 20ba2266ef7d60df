// Expressions that vanish on the border of what is joined (Rvachev's functions R0: Shapiro, Semi-analytic geometry with
// R-functions, 2007): as far from 0 near it as their operands are, and smooth where no two of these vanish.
#pragma once

#include "jetpinn/expr/graph.hpp"

#include <vector>

namespace jetpinn {

// a + b - sqrt(a^2 + b^2): > 0 where all operands are. Not of none.
NodeId smooth_conjunction(ExpressionGraph& graph, const std::vector<NodeId>& operands);
// a + b + sqrt(a^2 + b^2): > 0 where one of them is.
NodeId smooth_disjunction(ExpressionGraph& graph, const std::vector<NodeId>& operands);
// Where all operands are >= 0 the product says the same as a conjunction, and is smooth everywhere.
NodeId product(ExpressionGraph& graph, const std::vector<NodeId>& operands);

// sum of coefficients[d] * x[d] + constant
NodeId linear(ExpressionGraph& graph, const std::vector<double>& coefficients, const std::vector<NodeId>& x,
              double constant);
// (x - lower) (upper - x) / (upper - lower): as far from 0 near each end as x is from that.
NodeId between(ExpressionGraph& graph, NodeId x, double lower, double upper);

}  // namespace jetpinn
