#include "jetpinn/plan/linear_form.hpp"

#include <functional>

namespace jetpinn {

namespace {

OperatorPart split_coefficient(ExpressionGraph& graph, const Derivative& derivative, NodeId coefficient) {
  OperatorPart part{derivative, 1, coefficient};
  if (graph[part.function].op == Op::negate) {
    part.factor = -1;
    part.function = graph[part.function].operand[0];
  }
  const Node node = graph[part.function];
  if (node.op == Op::constant) {
    part.factor *= node.value;
    part.function = graph.constant(1);
  } else if (node.op == Op::multiply && graph.is_constant(node.operand[0])) {
    part.factor *= graph[node.operand[0]].value;
    part.function = node.operand[1];
  }
  return part;
}

}  // namespace

LinearForm linear_form(ExpressionGraph& graph, NodeId root) {
  LinearForm form;
  form.free = graph.constant(0);
  std::map<std::pair<FieldAt, Derivative>, NodeId> leaves;
  // Highest number first: a node comes after all that use it, its coefficient complete, so that sharing costs nothing.
  std::map<NodeId, NodeId, std::greater<>> coefficients{{root, graph.constant(1)}};
  const auto pass_on = [&](NodeId operand, NodeId coefficient) {
    const auto [entry, fresh] = coefficients.emplace(operand, coefficient);
    if (!fresh) entry->second = graph.add(entry->second, coefficient);
  };
  while (!coefficients.empty()) {
    const auto [id, coefficient] = *coefficients.begin();
    coefficients.erase(coefficients.begin());
    const Node node = graph[id];
    const auto is_free = [&](int k) { return !graph.depends_on_fields(node.operand[k]); };
    if (graph.is_constant(coefficient, 0)) continue;
    if (!graph.depends_on_fields(id)) {
      form.free = graph.add(form.free, graph.multiply(coefficient, id));
    } else if (node.op == Op::field) {
      leaves[{{node.index, node.site}, node.derivative}] = coefficient;
    } else if (node.op == Op::add) {
      pass_on(node.operand[0], coefficient);
      pass_on(node.operand[1], coefficient);
    } else if (node.op == Op::negate) {
      pass_on(node.operand[0], graph.negate(coefficient));
    } else if (node.op == Op::multiply && (is_free(0) || is_free(1))) {
      const int k = is_free(0) ? 0 : 1;
      pass_on(node.operand[1 - k], graph.multiply(coefficient, node.operand[k]));
    } else if (node.op == Op::divide && is_free(1)) {
      pass_on(node.operand[0], graph.divide(coefficient, node.operand[1]));
    } else {
      form.atoms.emplace_back(coefficient, id);
    }
  }
  for (const auto& [leaf, coefficient] : leaves) {
    const auto& [field, derivative] = leaf;
    if (derivative.order == 0) form.values[field] = coefficient;
    else form.operators[field].push_back(split_coefficient(graph, derivative, coefficient));
  }
  return form;
}

std::map<NodeId, LinearForm> linear_forms(ExpressionGraph& graph, const std::vector<NodeId>& residuals) {
  std::map<NodeId, LinearForm> forms;
  std::vector<NodeId> pending = residuals;
  while (!pending.empty()) {
    const NodeId root = pending.back();
    pending.pop_back();
    if (forms.count(root)) continue;
    const LinearForm& form = forms[root] = linear_form(graph, root);
    for (const auto& atom : form.atoms) {
      const Node& node = graph[atom.second];
      for (int k = 0; k < operand_count(node.op); ++k) {
        if (graph.depends_on_fields(node.operand[k])) pending.push_back(node.operand[k]);
      }
    }
  }
  return forms;
}

}  // namespace jetpinn
