// Expressions with other leaves in place of their own.
#include "jetpinn/expr/graph.hpp"
#include "jetpinn/expr/starts.hpp"

#include <unordered_map>

namespace jetpinn {

namespace {

// The expression with leaf(node) in place of every leaf for which changes(id) holds; operands are made anew around them.
template <class Changes, class Leaf>
NodeId with_leaves(ExpressionGraph& graph, NodeId root, const Changes& changes, const Leaf& leaf) {
  std::unordered_map<NodeId, NodeId> result;
  for (NodeId id : reachable(graph, {root})) {
    const Node node = graph[id];
    if (!changes(id)) {
      result[id] = id;
    } else if (operand_count(node.op) == 0) {
      result[id] = leaf(node);
    } else {
      NodeId operand[3] = {-1, -1, -1};
      for (int k = 0; k < operand_count(node.op); ++k) operand[k] = result.at(node.operand[k]);
      result[id] = graph.make(node.op, operand[0], operand[1], operand[2]);
    }
  }
  return result.at(root);
}

}  // namespace

NodeId substitute_fields(ExpressionGraph& graph, NodeId root, const std::vector<NodeId>& replacement) {
  return with_leaves(
      graph, root, [&](NodeId id) { return graph.depends_on_fields(id); },
      [&](const Node& node) {
        if (node.op != Op::field) return graph.channel(node.index, node.site);
        NodeId value = replacement.at(static_cast<std::size_t>(node.index));
        for (int k = 0; k < node.derivative.order; ++k) value = differentiate(graph, value, node.derivative.by[k]);
        return node.site == 0 ? value : at_other_site(graph, value);
      });
}

NodeId substitute_starts(ExpressionGraph& graph, NodeId root) {
  return with_leaves(
      graph, root, [&](NodeId id) { return graph.depends_on_trainables(id); },
      [&](const Node& node) { return graph.constant(graph.trainable_starts().at(static_cast<std::size_t>(node.index))); });
}

NodeId at_other_site(ExpressionGraph& graph, NodeId root) {
  return with_leaves(
      graph, root, [&](NodeId id) { return graph.depends_on_fields(id) || graph.depends_on_coordinates(id); },
      [&](const Node& node) {
        switch (node.op) {
          case Op::coordinate:
            return graph.coordinate(node.index, 1 - node.site);
          case Op::attribute:
            return graph.attribute(node.index, 1 - node.site);
          case Op::field:
            return graph.field(node.index, node.derivative, 1 - node.site);
          case Op::channel:
            return graph.channel(node.index, 1 - node.site);
          default:
            return graph.data(node.index);  // of both points
        }
      });
}

}  // namespace jetpinn
