// ExpressionGraph::make: the rewriting rules that keep symbolic derivatives small. Each rule is local and shrinks the
// expression or moves a constant factor towards the root, so that make() ends.
#include "jetpinn/expr/graph.hpp"

#include <cmath>
#include <tuple>
#include <utility>

namespace jetpinn {

namespace {

bool is_symmetric(Op op) {
  const FunctionInfo* function = function_info(op);
  return function ? function->symmetric : op == Op::equal || op == Op::not_equal;
}
Parity parity(Op op) { return function_info(op) ? function_info(op)->parity : Parity::none; }
bool is_integer(double value) { return std::nearbyint(value) == value && std::abs(value) < 1e6; }

}  // namespace

ExpressionGraph::Scaled ExpressionGraph::split_factor(NodeId id) const {
  const Node& node = (*this)[id];
  if (node.op == Op::negate) {
    const Scaled inner = split_factor(node.operand[0]);
    return {-inner.factor, inner.rest};
  }
  if (node.op == Op::multiply && is_constant(node.operand[0])) return {(*this)[node.operand[0]].value, node.operand[1]};
  return {1, id};
}

NodeId ExpressionGraph::scale(double factor, NodeId id) {
  if (is_constant(id)) return constant(factor * (*this)[id].value);
  const Scaled inner = split_factor(id);
  factor *= inner.factor;
  if (factor == 0) return constant(0);
  if (factor == 1) return inner.rest;
  Node node;
  if (factor == -1) {
    node.op = Op::negate;
    node.operand = {inner.rest, -1, -1};
  } else {
    node.op = Op::multiply;
    node.operand = {constant(factor), inner.rest, -1};
  }
  return intern(node);
}

NodeId ExpressionGraph::make_negate(NodeId a) { return scale(-1, a); }

NodeId ExpressionGraph::make_add(NodeId a, NodeId b) {
  if (is_constant(a, 0)) return b;
  if (is_constant(b, 0)) return a;
  const Scaled x = split_factor(a), y = split_factor(b);
  if (x.rest == y.rest) return scale(x.factor + y.factor, x.rest);  // 2 a + 3 a = 5 a
  // (p + 2 a) + 3 a = p + 5 a, looking one sum deep.
  for (const auto& [sum, other, like] : {std::tuple{a, b, y.rest}, std::tuple{b, a, x.rest}}) {
    const Node node = (*this)[sum];
    if (node.op != Op::add) continue;
    for (int k = 0; k < 2; ++k) {
      if (split_factor(node.operand[k]).rest == like) return make_add(node.operand[1 - k], make_add(node.operand[k], other));
    }
  }
  if (x.factor == -1 && y.factor == -1) return make_negate(make_add(x.rest, y.rest));
  if (a > b) std::swap(a, b);
  Node node;
  node.op = Op::add;
  node.operand = {a, b, -1};
  return intern(node);
}

NodeId ExpressionGraph::make_multiply(NodeId a, NodeId b) {
  if (is_constant(a)) return scale((*this)[a].value, b);
  if (is_constant(b)) return scale((*this)[b].value, a);
  const Scaled x = split_factor(a), y = split_factor(b);
  if (x.factor != 1 || y.factor != 1) return scale(x.factor * y.factor, make_multiply(x.rest, y.rest));
  // a^m a^n = a^(m+n) for positive integers, where no domain or pole is lost.
  const auto positive_power = [this](NodeId id) -> std::pair<NodeId, double> {
    const Node& node = (*this)[id];
    if (node.op == Op::power && is_constant(node.operand[1])) {
      const double exponent = (*this)[node.operand[1]].value;
      if (is_integer(exponent) && exponent > 0) return {node.operand[0], exponent};
    }
    return {id, 1};
  };
  const auto [base_a, power_a] = positive_power(a);
  const auto [base_b, power_b] = positive_power(b);
  if (base_a == base_b) return make_power(base_a, constant(power_a + power_b));
  // (p a) a = p a^2, looking one product deep.
  for (const auto& [product, other, base] : {std::tuple{a, b, base_b}, std::tuple{b, a, base_a}}) {
    const Node node = (*this)[product];
    if (node.op != Op::multiply) continue;
    for (int k = 0; k < 2; ++k) {
      if (positive_power(node.operand[k]).first == base)
        return make_multiply(node.operand[1 - k], make_multiply(node.operand[k], other));
    }
  }
  if (a > b) std::swap(a, b);
  Node node;
  node.op = Op::multiply;
  node.operand = {a, b, -1};
  return intern(node);
}

NodeId ExpressionGraph::make_divide(NodeId a, NodeId b) {
  if (is_constant(b)) {
    const double inverse = 1 / (*this)[b].value;
    if (std::isnormal(inverse)) return scale(inverse, a);
  }
  if (is_constant(a, 0)) return a;
  const Scaled x = is_constant(a) ? Scaled{(*this)[a].value, constant(1)} : split_factor(a), y = split_factor(b);
  if ((x.factor != 1 || y.factor != 1) && std::isnormal(x.factor / y.factor)) {
    return scale(x.factor / y.factor, make_divide(x.rest, y.rest));
  }
  Node node;
  node.op = Op::divide;
  node.operand = {a, b, -1};
  return intern(node);
}

NodeId ExpressionGraph::make_power(NodeId a, NodeId b) {
  if (is_constant(b)) {
    const double exponent = (*this)[b].value;
    if (exponent == 0) return constant(1);
    if (exponent == 1) return a;
    if (is_integer(exponent)) {
      const Scaled x = split_factor(a);
      const double factor = std::pow(x.factor, exponent);
      if (x.factor != 1 && std::isnormal(factor)) return scale(factor, make_power(x.rest, b));
      const Node base = (*this)[a];
      if (base.op == Op::power && is_constant(base.operand[1]) && is_integer((*this)[base.operand[1]].value)) {
        return make_power(base.operand[0], constant(exponent * (*this)[base.operand[1]].value));
      }
    }
  }
  Node node;
  node.op = Op::power;
  node.operand = {a, b, -1};
  return intern(node);
}

NodeId ExpressionGraph::make_function(Op op, NodeId a) {
  if (parity(op) != Parity::none) {
    const Scaled x = split_factor(a);
    if (x.factor < 0) {
      const NodeId positive = make_function(op, scale(-x.factor, x.rest));
      return parity(op) == Parity::even ? positive : make_negate(positive);
    }
  }
  Node node;
  node.op = op;
  node.operand = {a, -1, -1};
  return intern(node);
}

NodeId ExpressionGraph::make(Op op, NodeId a, NodeId b, NodeId c) {
  const int operands = operand_count(op);
  const auto value = [this](NodeId id) { return id < 0 ? 0.0 : (*this)[id].value; };
  if (is_constant(a) && (operands < 2 || is_constant(b)) && (operands < 3 || is_constant(c))) {
    return constant(apply(op, value(a), value(b), value(c)));
  }
  switch (op) {
    case Op::add: return make_add(a, b);
    case Op::multiply: return make_multiply(a, b);
    case Op::divide: return make_divide(a, b);
    case Op::negate: return make_negate(a);
    case Op::power: return make_power(a, b);
    case Op::logical_and:
      if (is_constant(a, 0) || is_constant(b, 0)) return constant(0);
      break;
    default: break;
  }
  if (op == op_of("where") && b == c) return b;
  if (op == op_of("where") && is_constant(a)) return value(a) != 0 ? b : c;
  if ((op == op_of("min") || op == op_of("max")) && a == b) return a;
  if (operands == 1) return make_function(op, a);
  // One form for both orders; a constant stands on the right, as conditions are usually written.
  if (is_symmetric(op) && (is_constant(a) || (a > b && !is_constant(b)))) std::swap(a, b);
  Node node;
  node.op = op;
  node.operand = {a, b, c};
  return intern(node);
}

}  // namespace jetpinn
