// Expression graph to tape: dead code left out, common subexpressions once.
#pragma once

#include "jetpinn/expr/graph.hpp"
#include "jetpinn/kernels/tape_program.hpp"

#include <functional>
#include <vector>

namespace jetpinn {

// input_of(leaf) gives the tape's input column for a coordinate, field or data leaf.
TapeProgram compile_tape(const ExpressionGraph& graph, const std::vector<NodeId>& outputs, int inputs,
                         const std::function<int(const Node&)>& input_of);

}  // namespace jetpinn
