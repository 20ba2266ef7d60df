#include "jetpinn/expr/summands.hpp"

#include <cstddef>

namespace jetpinn {
namespace {

constexpr std::size_t most_summands = 10000;

// The operands that alternatives have, as bits.
int entered_operands(Op op) {
  if (op == op_of("min") || op == op_of("max")) return 0b011;
  if (op == op_of("abs")) return 0b001;
  return op == op_of("where") ? 0b110 : 0;
}

}  // namespace

std::vector<Summand> summands_of(const ExpressionGraph& graph, NodeId root, Alternatives alternatives) {
  std::vector<Summand> summands, open{{root, 1}};  // open: the next one last
  while (!open.empty() && summands.size() < most_summands) {
    const auto [id, factor] = open.back();
    open.pop_back();
    const Node& node = graph[id];
    const NodeId a = node.operand[0], b = node.operand[1];
    const int entered = alternatives == Alternatives::entered ? entered_operands(node.op) : 0;
    if (node.op == Op::add) {
      open.push_back({b, factor});
      open.push_back({a, factor});
    } else if (node.op == Op::negate) {
      open.push_back({a, -factor});
    } else if (node.op == Op::multiply && graph.is_constant(a)) {
      open.push_back({b, factor * graph[a].value});
    } else if (node.op == Op::multiply && graph.is_constant(b)) {
      open.push_back({a, factor * graph[b].value});
    } else if (entered != 0) {
      for (int k = 2; k >= 0; --k)
        if (entered >> k & 1) open.push_back({node.operand[static_cast<std::size_t>(k)], factor});
    } else {
      summands.push_back({id, factor});
    }
  }
  return summands;
}

}  // namespace jetpinn
