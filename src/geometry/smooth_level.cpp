#include "jetpinn/geometry/smooth_level.hpp"

#include <cstddef>

namespace jetpinn {
namespace {

NodeId joined(ExpressionGraph& graph, const std::vector<NodeId>& operands, bool all) {
  NodeId join = operands[0];
  for (std::size_t k = 1; k < operands.size(); ++k) {
    const NodeId squares = graph.add(graph.power(join, 2), graph.power(operands[k], 2)), root = graph.call("sqrt", squares);
    join = graph.add(graph.add(join, operands[k]), all ? graph.negate(root) : root);
  }
  return join;
}

}  // namespace

NodeId smooth_conjunction(ExpressionGraph& graph, const std::vector<NodeId>& operands) {
  return joined(graph, operands, true);
}

NodeId smooth_disjunction(ExpressionGraph& graph, const std::vector<NodeId>& operands) {
  return joined(graph, operands, false);
}

NodeId product(ExpressionGraph& graph, const std::vector<NodeId>& operands) {
  NodeId product = graph.constant(1);
  for (const NodeId operand : operands) product = graph.multiply(product, operand);
  return product;
}

NodeId linear(ExpressionGraph& graph, const std::vector<double>& coefficients, const std::vector<NodeId>& x,
              double constant) {
  NodeId sum = graph.constant(constant);
  for (std::size_t d = 0; d < x.size(); ++d) sum = graph.add(sum, graph.multiply(graph.constant(coefficients[d]), x[d]));
  return sum;
}

NodeId between(ExpressionGraph& graph, NodeId x, double lower, double upper) {
  const NodeId above = graph.subtract(x, graph.constant(lower)), below = graph.subtract(graph.constant(upper), x);
  return graph.multiply(graph.constant(1 / (upper - lower)), graph.multiply(above, below));
}

}  // namespace jetpinn
