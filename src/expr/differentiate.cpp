#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/graph.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>

namespace jetpinn {

namespace {

// Operands whose derivative the rule of `node` asks for, as bits.
int differentiable_operands(const ExpressionGraph& graph, const Node& node) {
  switch (node.op) {
    case Op::sign: case Op::step: case Op::less: case Op::less_equal: case Op::equal: case Op::not_equal: case Op::logical_and:
    case Op::logical_or: case Op::logical_not:
      return 0;
    case Op::where: return 0b110;
    case Op::power: return graph.is_constant(node.operand[1]) ? 0b001 : 0b011;
    default: return (1 << operand_count(node.op)) - 1;
  }
}

// The derivative of one node (by value: the graph grows underneath) from those of its operands.
NodeId chain_rule(ExpressionGraph& g, NodeId self, const Node node, int coordinate, NodeId da, NodeId db, NodeId dc) {
  const NodeId a = node.operand[0], b = node.operand[1];
  const auto one_minus_square = [&](NodeId x) { return g.subtract(g.constant(1), g.power(x, 2)); };
  switch (node.op) {
    case Op::constant: case Op::data: return g.constant(0);
    case Op::channel: throw Error(Status::usage, "channels of a compiled residual cannot be differentiated");
    case Op::coordinate: return g.constant(node.index == coordinate ? 1 : 0);
    case Op::field: return g.field(node.index, node.derivative.along(coordinate), node.site);
    case Op::add: return g.add(da, db);
    case Op::multiply: return g.add(g.multiply(da, b), g.multiply(a, db));
    case Op::divide: return g.divide(g.subtract(da, g.multiply(self, db)), b);  // (a/b)' = (a' - (a/b) b') / b
    case Op::negate: return g.negate(da);
    case Op::power: {
      if (g.is_constant(b) || g.is_constant(db, 0))
        return g.multiply(g.multiply(b, g.make(Op::power, a, g.add(b, g.constant(-1)))), da);
      const NodeId by_exponent = g.multiply(g.multiply(self, g.make(Op::log, a)), db);
      if (g.is_constant(da, 0)) return by_exponent;
      return g.add(by_exponent, g.multiply(g.multiply(b, g.make(Op::power, a, g.add(b, g.constant(-1)))), da));
    }
    case Op::sin: return g.multiply(g.make(Op::cos, a), da);
    case Op::cos: return g.negate(g.multiply(g.make(Op::sin, a), da));
    case Op::tan: return g.multiply(g.add(g.constant(1), g.power(self, 2)), da);
    case Op::asin: return g.divide(da, g.make(Op::sqrt, one_minus_square(a)));
    case Op::acos: return g.negate(g.divide(da, g.make(Op::sqrt, one_minus_square(a))));
    case Op::atan: return g.divide(da, g.add(g.constant(1), g.power(a, 2)));
    case Op::atan2:  // atan2(y, x)' = (x y' - y x') / (x^2 + y^2)
      return g.divide(g.subtract(g.multiply(b, da), g.multiply(a, db)), g.add(g.power(a, 2), g.power(b, 2)));
    case Op::sinh: return g.multiply(g.make(Op::cosh, a), da);
    case Op::cosh: return g.multiply(g.make(Op::sinh, a), da);
    case Op::tanh: return g.multiply(one_minus_square(self), da);
    case Op::exp: return g.multiply(self, da);
    case Op::log: return g.divide(da, a);
    case Op::sqrt: return g.divide(da, g.multiply(g.constant(2), self));
    case Op::abs: return g.multiply(g.make(Op::sign, a), da);
    case Op::erf:
      return g.multiply(g.multiply(g.constant(2 / std::sqrt(std::acos(-1.0))), g.make(Op::exp, g.negate(g.power(a, 2)))), da);
    case Op::minimum: return g.make(Op::where, g.make(Op::less_equal, a, b), da, db);
    case Op::maximum: return g.make(Op::where, g.make(Op::less_equal, b, a), da, db);
    case Op::modulo:  // mod(a, b) = a - b floor(a/b)
      return g.subtract(da, g.multiply(db, g.divide(g.subtract(a, self), b)));
    case Op::where: return g.make(Op::where, a, db, dc);
    case Op::sign: case Op::step: case Op::less: case Op::less_equal: case Op::equal: case Op::not_equal: case Op::logical_and:
    case Op::logical_or: case Op::logical_not:
      return g.constant(0);
  }
  return g.constant(0);
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

NodeId substitute_fields(ExpressionGraph& graph, NodeId root, const std::vector<NodeId>& replacement) {
  std::unordered_map<NodeId, NodeId> result;
  for (NodeId id : reachable(graph, {root})) {
    const Node node = graph[id];
    if (!graph.depends_on_fields(id)) {
      result[id] = id;
    } else if (node.op == Op::field) {
      NodeId value = replacement.at(static_cast<std::size_t>(node.index));
      for (int k = 0; k < node.derivative.order; ++k) value = differentiate(graph, value, node.derivative.by[k]);
      result[id] = value;
    } else {
      NodeId operand[3] = {-1, -1, -1};
      for (int k = 0; k < operand_count(node.op); ++k) operand[k] = result.at(node.operand[k]);
      result[id] = graph.make(node.op, operand[0], operand[1], operand[2]);
    }
  }
  return result.at(root);
}

}  // namespace jetpinn
