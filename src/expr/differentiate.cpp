#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/graph.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>

namespace jetpinn {

namespace {

// Operands whose derivative the rule of `node` asks for, as bits.
int differentiable_operands(const ExpressionGraph& graph, const Node& node) {
  if (node.op == Op::power && graph.is_constant(node.operand[1])) return 0b001;
  return passing_operands(node.op);
}

using Rule = NodeId (*)(ExpressionGraph&, const FunctionNodes&);
constexpr auto rules = functions::All::table([](auto row) -> Rule {
  using F = decltype(row);
  if constexpr (F::passes == 0) return [](ExpressionGraph& g, const FunctionNodes&) { return g.constant(0); };
  else return [](ExpressionGraph& g, const FunctionNodes& n) { return F::derivative(g, n); };
});

// The derivative of one node (by value: the graph grows underneath) from those of its operands.
NodeId chain_rule(ExpressionGraph& g, NodeId self, const Node node, int coordinate, NodeId da, NodeId db, NodeId dc) {
  const NodeId a = node.operand[0], b = node.operand[1];
  if (function_of(node.op) >= 0) {
    return rules[static_cast<std::size_t>(function_of(node.op))](g, {self, a, b, node.operand[2], da, db, dc});
  }
  switch (node.op) {
    case Op::constant: case Op::data: case Op::attribute: case Op::trainable: case Op::stage_constant: return g.constant(0);
    case Op::level: throw Error(Status::usage, "the distance that a set is described by cannot be differentiated");
    case Op::channel: throw Error(Status::usage, "channels of a compiled residual cannot be differentiated");
    case Op::coordinate: return g.constant(node.index == coordinate ? 1 : 0);   // at either site: both points move
    case Op::field: return g.field(node.index, node.derivative.along(coordinate), node.site);
    case Op::add: return g.add(da, db);
    case Op::multiply: return g.add(g.multiply(da, b), g.multiply(a, db));
    case Op::divide: return g.divide(g.subtract(da, g.multiply(self, db)), b);  // (a/b)' = (a' - (a/b) b') / b
    case Op::negate: return g.negate(da);
    case Op::power: {
      if (g.is_constant(b) || g.is_constant(db, 0))
        return g.multiply(g.multiply(b, g.make(Op::power, a, g.add(b, g.constant(-1)))), da);
      const NodeId by_exponent = g.multiply(g.multiply(self, g.call("log", a)), db);
      if (g.is_constant(da, 0)) return by_exponent;
      return g.add(by_exponent, g.multiply(g.multiply(b, g.make(Op::power, a, g.add(b, g.constant(-1)))), da));
    }
    default: return g.constant(0);   // truth values
  }
}

}  // namespace

NodeId differentiate(ExpressionGraph& graph, NodeId root, int coordinate) {
  auto& known = graph.derivatives_;
  const auto key = [coordinate](NodeId id) {
    return (static_cast<std::uint64_t>(id) << 16) | static_cast<std::uint64_t>(coordinate);
  };
  if (graph.may_jump(root)) graph.jump_derivatives_.push_back({root, coordinate});
  if (const auto it = known.find(key(root)); it != known.end()) return it->second;

  // What the root's derivative needs and is not known yet, operands first.
  std::vector<NodeId> pending{root};
  std::unordered_set<NodeId> seen{root};
  for (std::size_t next = 0; next < pending.size(); ++next) {
    const Node& node = graph[pending[next]];
    const int wanted = differentiable_operands(graph, node);
    for (int k = 0; k < 3; ++k) {
      const NodeId operand = node.operand[k];
      if ((wanted >> k & 1) && !known.count(key(operand)) && seen.insert(operand).second) pending.push_back(operand);
    }
  }
  std::sort(pending.begin(), pending.end());
  for (NodeId id : pending) {
    const Node node = graph[id];
    const int wanted = differentiable_operands(graph, node);
    NodeId inner[3] = {-1, -1, -1};
    for (int k = 0; k < 3; ++k) {
      if (wanted >> k & 1) inner[k] = known.at(key(node.operand[k]));
    }
    known[key(id)] = chain_rule(graph, id, node, coordinate, inner[0], inner[1], inner[2]);
  }
  return known.at(key(root));
}

}  // namespace jetpinn
