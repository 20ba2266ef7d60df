#include "jetpinn/problem/expression_checks.hpp"

#include <algorithm>
#include <unordered_set>
#include <vector>

namespace jetpinn {

bool learns_from_fields(const ExpressionGraph& graph, NodeId root) {
  std::unordered_set<NodeId> seen;
  std::vector<NodeId> open{root};
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    if (id < 0 || !graph.depends_on_fields(id) || !seen.insert(id).second) continue;
    const Node& node = graph[id];
    if (node.op == Op::field) return true;
    for (int k = 0; k < operand_count(node.op); ++k)
      if (passing_operands(node.op) >> k & 1) open.push_back(node.operand[static_cast<std::size_t>(k)]);
  }
  return false;
}

bool is_condition(const ExpressionGraph& graph, NodeId root) {
  std::unordered_set<NodeId> seen;
  std::vector<NodeId> open{root};
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    if (!seen.insert(id).second) continue;
    const Node& node = graph[id];
    if (node.op == Op::multiply || node.op == op_of("min") || node.op == op_of("max") || node.op == op_of("where")) {
      for (int k = 0; k < operand_count(node.op); ++k)
        if (passing_operands(node.op) >> k & 1) open.push_back(node.operand[static_cast<std::size_t>(k)]);
    } else if (node.op != Op::constant && node.op != op_of("step") && !is_truth_value(node.op)) {
      return false;
    }
  }
  return true;
}

int highest_order(const ExpressionGraph& graph, NodeId root) {
  int order = 0;
  for (const NodeId id : reachable(graph, {root}))
    if (graph[id].op == Op::field) order = std::max(order, static_cast<int>(graph[id].derivative.order));
  return order;
}

}  // namespace jetpinn
