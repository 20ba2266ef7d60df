#include "jetpinn/expr/fault.hpp"

#include <fmt/format.h>

#include <cmath>
#include <unordered_map>

namespace jetpinn {
namespace {

double rounded(double value, bool fp32) { return fp32 ? static_cast<double>(static_cast<float>(value)) : value; }

// The values of all that a root depends on, at one point.
class Values {
 public:
  Values(const ExpressionGraph& graph, NodeId root, const LeafValue& value_of, bool fp32)
      : graph_(graph), order_(reachable(graph, {root})) {
    for (NodeId id : order_) {
      const Node& node = graph[id];
      double value = node.value;
      if (operand_count(node.op) > 0) value = apply(node.op, operand(node, 0), operand(node, 1), operand(node, 2));
      else if (node.op != Op::constant) value = value_of(node);
      values_[id] = rounded(value, fp32);
    }
  }

  const std::vector<NodeId>& order() const { return order_; }
  double at(NodeId id) const { return values_.at(id); }
  double operand(const Node& node, int k) const {
    return k < operand_count(node.op) ? at(node.operand[static_cast<std::size_t>(k)]) : 0;
  }

  bool operands_finite(const Node& node) const {
    for (int k = 0; k < operand_count(node.op); ++k)
      if (!std::isfinite(operand(node, k))) return false;
    return true;
  }

  // The operand that makes this node not finite; -1: it is the first such node itself.
  NodeId culprit(const Node& node) const {
    for (int k = 0; k < operand_count(node.op); ++k) {
      const bool passed_over = node.op == op_of("where") && k > 0 && (operand(node, 0) != 0) != (k == 1);
      if (!passed_over && !std::isfinite(operand(node, k))) return node.operand[static_cast<std::size_t>(k)];
    }
    return -1;
  }

  Fault fault(NodeId id, Fault::Kind kind, double value) const {
    Fault fault{kind, id, value, {}, false};
    for (int k = 0; k < 3; ++k) fault.operand[static_cast<std::size_t>(k)] = operand(graph_[id], k);
    return fault;
  }

 private:
  const ExpressionGraph& graph_;
  std::vector<NodeId> order_;
  std::unordered_map<NodeId, double> values_;
};

Fault::Kind kind_of(const Node& node, double a, double b, double value) {
  if (operand_count(node.op) == 0) return Fault::leaf;
  if ((node.op == Op::divide || node.op == op_of("mod")) && b == 0) return Fault::division;
  if (node.op == Op::power && a == 0 && b < 0) return Fault::division;
  if (std::isnan(value)) return Fault::domain;
  return node.op == op_of("log") ? Fault::pole : Fault::overflow;
}

// d(a op b)/d operand k, with h = a op b; of operators whose derivative is a number wherever they are, any number.
double slope(Op op, int k, double a, double b, double c, double h) {
  if (function_of(op) >= 0) return function_slope(function_of(op), k, a, b, c);
  switch (op) {
    case Op::divide: return k == 0 ? 1 / b : h / b;
    case Op::power: return k == 0 ? b * std::pow(a, b - 1) : h * std::log(a);
    default: return 0;
  }
}

}  // namespace

double evaluate(const ExpressionGraph& graph, NodeId root, const LeafValue& value_of) {
  return Values(graph, root, value_of, false).at(root);
}

std::optional<Fault> find_fault(const ExpressionGraph& graph, NodeId root, const LeafValue& value_of, bool fp32) {
  const Values values(graph, root, value_of, fp32);
  if (std::isfinite(values.at(root))) return {};
  NodeId id = root;
  for (NodeId next = values.culprit(graph[id]); next >= 0; next = values.culprit(graph[id])) id = next;
  const Node& node = graph[id];
  const double a = values.operand(node, 0), b = values.operand(node, 1);
  Fault fault = values.fault(id, kind_of(node, a, b, values.at(id)), values.at(id));
  fault.fp32 = fp32 && (node.op == Op::constant ||
                        (fault.kind != Fault::leaf && std::isfinite(apply(node.op, a, b, values.operand(node, 2)))));
  return fault;
}

std::optional<Fault> find_slope_fault(const ExpressionGraph& graph, NodeId root, const LeafValue& value_of) {
  const Values values(graph, root, value_of, false);
  for (NodeId id : values.order()) {
    const Node& node = graph[id];
    if (!graph.depends_on_fields(id) || operand_count(node.op) == 0 || !values.operands_finite(node)) continue;
    for (int k = 0; k < operand_count(node.op); ++k) {
      if (!graph.depends_on_fields(node.operand[static_cast<std::size_t>(k)])) continue;
      const double a = values.operand(node, 0), b = values.operand(node, 1), c = values.operand(node, 2);
      const double by = slope(node.op, k, a, b, c, values.at(id));
      if (!std::isfinite(by) || !std::isfinite(values.at(id))) return values.fault(id, Fault::slope, by);
    }
  }
  return {};
}

namespace {

class Explainer {
 public:
  Explainer(const ExpressionGraph& graph, const Fault& fault, const std::vector<std::string>& coordinates,
            const std::vector<std::string>& fields)
      : graph_(graph), fault_(fault), node_(graph[fault.node]), coordinates_(coordinates), fields_(fields) {}

  std::string says() const {
    const std::string whole = text(fault_.node),
                      limit = fault_.fp32 ? " in fp32, whose largest number is 3.4e38" : ", beyond 1.8e308";
    switch (fault_.kind) {
      case Fault::leaf: return whole + " is not finite" + (fault_.fp32 ? limit : "");
      case Fault::domain: return whole + " is not a number: " + operands();
      case Fault::division: return division(whole) + " divides by zero: " + operand(divisor());
      case Fault::pole: return whole + " is infinite: " + operands();
      case Fault::overflow: return whole + " overflows" + limit + ": " + operands();
      case Fault::slope: break;
    }
    return "the derivative of " + whole + " is not finite: " + operands();
  }

  std::string mend() const {
    switch (fault_.kind) {
      case Fault::leaf: case Fault::overflow:
        return "write the problem in scaled quantities, so that fields, coordinates and the parts of a residual are near 1";
      case Fault::division: return "multiply the residual by " + part(divisor()) + ", or keep it away from zero";
      case Fault::pole: return "keep " + part(0) + " above zero";
      case Fault::slope:
        return "keep " + part(0) +
               " away from there, also on the side that a `where` does not take: its derivative is computed too";
      case Fault::domain: break;
    }
    if (const FunctionInfo* function = function_info(node_.op)) return fmt::format(fmt::runtime(function->outside), part(0));
    if (node_.op != Op::power) return "keep it finite";
    return "a negative number has no such power: write max(" + part(0) + ", 0), or keep it positive by network.output";
  }

 private:
  int divisor() const { return node_.op == Op::power ? 0 : 1; }
  std::string text(NodeId id) const { return short_text(graph_, id, coordinates_, fields_); }
  std::string part(int k) const { return text(node_.operand[static_cast<std::size_t>(k)]); }
  std::string operand(int k) const {
    return part(k) + fmt::format(" = {:.6g}", fault_.operand[static_cast<std::size_t>(k)]);
  }

  // Of a long quotient what it is divided by says more than its beginning.
  std::string division(const std::string& whole) const {
    const bool cut = whole.size() > short_text_size && node_.op == Op::divide;
    return cut ? "the division by " + part(1) : whole;
  }

  std::string operands() const {
    std::string all;
    for (int k = 0; k < operand_count(node_.op); ++k)
      if (!graph_.is_constant(node_.operand[static_cast<std::size_t>(k)])) all += (all.empty() ? "" : ", ") + operand(k);
    return all;
  }

  const ExpressionGraph& graph_;
  const Fault& fault_;
  const Node& node_;
  const std::vector<std::string>& coordinates_;
  const std::vector<std::string>& fields_;
};

}  // namespace

FaultText explain(const ExpressionGraph& graph, const Fault& fault, const std::vector<std::string>& coordinates,
                  const std::vector<std::string>& fields) {
  const Explainer explainer(graph, fault, coordinates, fields);
  return {explainer.says(), explainer.mend()};
}

}  // namespace jetpinn
