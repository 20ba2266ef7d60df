#include "jetpinn/audit/field_free_parts.hpp"

#include <functional>
#include <map>
#include <utility>

namespace jetpinn {
namespace {

class Collector {
 public:
  explicit Collector(ExpressionGraph& graph) : graph_(graph), always_(graph.constant(1)) {}

  // A node comes after all that use it, highest number first: where it counts is known completely by then.
  std::vector<FieldFreePart> collect(const std::vector<NodeId>& residuals) {
    for (NodeId residual : residuals) pass_on(residual, always_);
    while (!open_.empty()) {
      const auto [id, where] = *open_.begin();
      open_.erase(open_.begin());
      visit(graph_[id], where);
    }
    std::vector<FieldFreePart> parts;
    for (const auto& [key, found] : found_) {
      FieldFreePart part = found.part;
      part.value = found.where == always_ ? part.shown : graph_.make(op_of("where"), found.where, part.shown, always_);
      parts.push_back(part);
    }
    return parts;
  }

 private:
  struct Found {
    FieldFreePart part;
    NodeId where;   // a condition of coordinates
  };

  NodeId either(NodeId a, NodeId b) {
    return a == always_ || b == always_ ? always_ : a == b ? a : graph_.make(Op::logical_or, a, b);
  }
  NodeId both(NodeId a, NodeId b) { return a == always_ ? b : graph_.make(Op::logical_and, a, b); }

  void pass_on(NodeId id, NodeId where) {
    const auto [entry, fresh] = open_.emplace(id, where);
    if (!fresh) entry->second = either(entry->second, where);
  }

  void visit(const Node node, NodeId where) {
    const auto operand = [&](int k) { return node.operand[static_cast<std::size_t>(k)]; };
    if (node.op == op_of("where")) {
      if (graph_.depends_on_fields(operand(0))) return;
      look_at(operand(1), both(where, operand(0)), false);
      look_at(operand(2), both(where, graph_.make(Op::logical_not, operand(0))), false);
      return;
    }
    if (node.op == op_of("min") || node.op == op_of("max")) {
      for (int k : {0, 1})
        if (graph_.depends_on_fields(operand(k))) pass_on(operand(k), where);
      return;
    }
    switch (node.op) {
      case Op::less:
      case Op::less_equal:
      case Op::equal:
      case Op::not_equal:
      case Op::logical_and:
      case Op::logical_or:
      case Op::logical_not:
        return;
      case Op::divide:
        look_at(operand(0), where, false);
        if (graph_.depends_on_fields(operand(1))) pass_on(operand(1), where);
        else note(graph_.divide(always_, operand(1)), operand(1), where, true);
        return;
      default:
        for (int k = 0; k < operand_count(node.op); ++k) look_at(operand(k), where, node.op == Op::multiply);
    }
  }

  void look_at(NodeId id, NodeId where, bool coefficient) {
    if (graph_.depends_on_fields(id)) pass_on(id, where);
    else note(id, -1, where, coefficient);
  }

  void note(NodeId id, NodeId divisor, NodeId where, bool coefficient) {
    if (!graph_.depends_on_coordinates(id)) return;
    for (bool stripped = true; stripped;) {   // of sign and constant factor
      const Node& node = graph_[id];
      stripped = node.op == Op::negate || (node.op == Op::multiply && graph_.is_constant(node.operand[0]));
      if (stripped) id = node.operand[node.op == Op::negate ? 0 : 1];
    }
    const auto [entry, fresh] = found_.emplace(id, Found{{id, -1, divisor, coefficient}, where});
    if (fresh) return;
    entry->second.where = either(entry->second.where, where);
    entry->second.part.coefficient = entry->second.part.coefficient || coefficient;
  }

  ExpressionGraph& graph_;
  const NodeId always_;   // the condition that holds everywhere
  std::map<NodeId, NodeId, std::greater<>> open_;
  std::map<NodeId, Found> found_;
};

}  // namespace

std::vector<FieldFreePart> field_free_parts(ExpressionGraph& graph, const std::vector<NodeId>& residuals) {
  return Collector(graph).collect(residuals);
}

}  // namespace jetpinn
