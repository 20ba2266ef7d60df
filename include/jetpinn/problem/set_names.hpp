// What the names of shapes stand for in sets.
#pragma once

#include "jetpinn/expr/graph.hpp"
#include "jetpinn/expr/parser.hpp"
#include "jetpinn/geometry/point_region.hpp"
#include "jetpinn/problem/problem.hpp"

#include <map>
#include <string>
#include <vector>

namespace jetpinn {

struct SetNames {
  Shapes shapes;
  std::map<std::string, NodeId> borders;  // in `on` a name is the border of its shape
  std::map<std::string, NodeId> bodies;   // in `in` it is the body
  NodeId boundary = -1;  // what bounds the domain, faces of the time among it; -1: there is no [geometry]
};

// constants: what numbers of shapes may name; time: the coordinate that is none of space, or -1. lower, upper: the domain's
// box. Throws Error (usage) pointing at a shape that is none, or at a domain that leaves the box or is empty.
SetNames name_shapes(ExpressionGraph& graph, const ProblemText& text, const SymbolTable& constants, int time,
                     const std::vector<double>& lower, const std::vector<double>& upper);

// `on` with the & of an interface ("fluid & solid") as the && that expressions know.
SourceText set_text(const SourceText& on);

}  // namespace jetpinn
