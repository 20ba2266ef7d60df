// What an expression is made of: its summands, with signs and constant factors driven into them.
#pragma once

#include "jetpinn/expr/graph.hpp"

#include <vector>

namespace jetpinn {

struct Summand {
  NodeId node = -1;
  double factor = 1;  // the summand is factor * node
};

// What a min, max, abs or where is to a sum: a summand, or all that stands in it (not the condition of a where), with the
// factor that stands before it. Then the summands tell of sizes alone; they no longer add up to the expression.
enum class Alternatives : char { whole, entered };

// In their order, one for each time that it is met; of more than 10000 the first ones.
std::vector<Summand> summands_of(const ExpressionGraph& graph, NodeId root, Alternatives alternatives);

}  // namespace jetpinn
