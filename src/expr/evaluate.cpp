#include "jetpinn/base/error.hpp"
#include "jetpinn/expr/graph.hpp"

#include <algorithm>
#include <cmath>

namespace jetpinn {

double apply(Op op, double a, double b, double c) {
  if (function_of(op) >= 0) return function_value(function_of(op), a, b, c);
  switch (op) {
    case Op::add: return a + b;
    case Op::multiply: return a * b;
    case Op::divide: return a / b;
    case Op::negate: return -a;
    case Op::power: return std::pow(a, b);
    case Op::less: return a < b;
    case Op::less_equal: return a <= b;
    case Op::equal: return a == b;
    case Op::not_equal: return a != b;
    case Op::logical_and: return a != 0 && b != 0;
    case Op::logical_or: return a != 0 || b != 0;
    case Op::logical_not: return a == 0;
    default: break;
  }
  JETPINN_CHECK(false, "a leaf has no operation");
}

PointEvaluator::PointEvaluator(const ExpressionGraph& graph, NodeId node) : graph_(graph), order_(reachable(graph, {node})) {
  for (NodeId id : order_) {
    operations_ += graph[id].op == Op::level ? graph.level_of(graph[id]).operations : 1;
    std::array<std::int32_t, 3> places{-1, -1, -1};
    for (int k = 0; k < operand_count(graph[id].op); ++k) {
      const auto at = std::lower_bound(order_.begin(), order_.end(), graph[id].operand[k]);
      places[static_cast<std::size_t>(k)] = static_cast<std::int32_t>(at - order_.begin());
    }
    operands_.push_back(places);
  }
  values_.resize(order_.size());
}

double PointEvaluator::operator()(const double* coordinates, const double* data, const double* attributes) const {
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const Node& node = graph_[order_[i]];
    const auto operand = [&](std::size_t k) {
      return operands_[i][k] < 0 ? 0.0 : values_[static_cast<std::size_t>(operands_[i][k])];
    };
    if (node.op == Op::constant) {
      values_[i] = node.value;
    } else if (node.op == Op::coordinate && node.site == 0) {
      values_[i] = coordinates[node.index];
    } else if (node.op == Op::data && data) {
      values_[i] = data[node.index];
    } else if (node.op == Op::attribute && node.site == 0 && attributes) {
      values_[i] = attributes[node.index];
    } else if (node.op == Op::level) {
      values_[i] = graph_.level_of(node).value(coordinates);
    } else if (operand_count(node.op) > 0) {
      values_[i] = apply(node.op, operand(0), operand(1), operand(2));
    } else {
      throw Error(Status::usage, "an expression of coordinates alone is wanted here, but it contains " +
                                     (node.op == Op::field ? "a field" : to_text(graph_, order_[i], {}, {})));
    }
  }
  return values_.back();
}

bool reads_data(const ExpressionGraph& graph, NodeId root) {
  const std::vector<NodeId> nodes = reachable(graph, {root});
  return std::any_of(nodes.begin(), nodes.end(), [&](NodeId id) { return graph[id].op == Op::data; });
}

double evaluate(const ExpressionGraph& graph, NodeId root, const double* coordinates) {
  return PointEvaluator(graph, root)(coordinates);
}

}  // namespace jetpinn
