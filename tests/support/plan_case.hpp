// Terms compiled from text, and exact values of their channels for fields given as expressions of the coordinates.
#pragma once

#include "jetpinn/plan/jet_plan.hpp"
#include "jetpinn/expr/parser.hpp"
#include "reference/tape.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace jetpinn {

struct PlanCase {
  ExpressionGraph graph;
  SymbolTable symbols;
  std::vector<NodeId> residuals;
  TermProgram term;

  // transforms: output transform per field in raw fields, or none.
  PlanCase(const std::vector<std::string>& coordinates, const std::vector<std::string>& fields,
           const std::vector<std::string>& texts, const std::vector<std::string>& transforms = {}) {
    symbols.coordinates = coordinates;
    symbols.time = coordinates[0] == "t" ? 0 : -1;
    symbols.fields = fields;
    symbols.constants = {{"nu", 0.01 / std::acos(-1.0)}, {"kappa", 0.03}};
    for (const std::string& text : texts) residuals.push_back(parse(text));
    std::vector<NodeId> outputs;
    for (const std::string& transform : transforms) outputs.push_back(parse(transform));
    for (NodeId& residual : residuals) residual = outputs.empty() ? residual : substitute_fields(graph, residual, outputs);
    term = compile_term(graph, residuals, static_cast<int>(coordinates.size()), static_cast<int>(fields.size()));
  }

  NodeId parse(const std::string& text) { return parse_expression(graph, symbols, text); }

  // Values of the point coefficients at a point.
  std::vector<double> slots(const std::vector<double>& point) const {
    std::vector<double> values;
    for (NodeId coefficient : term.plan.point_coefficients) values.push_back(evaluate(graph, coefficient, point.data()));
    return values;
  }

  // Channel c of an expression of the coordinates, exactly; `magnitude` receives the sum of the absolute parts.
  double channel(NodeId expression, std::size_t c, const std::vector<double>& point, double* magnitude = nullptr) {
    const auto coefficients = slots(point);
    double sum = 0, size = 0;
    for (const ChannelPart& part : term.plan.channels[c].parts) {
      NodeId derivative = expression;
      for (int k = 0; k < part.derivative.order; ++k) derivative = differentiate(graph, derivative, part.derivative.by[k]);
      const double slot = part.slot < 0 ? 1 : coefficients[static_cast<std::size_t>(part.slot)];
      const double value = part.coefficient * slot * evaluate(graph, derivative, point.data());
      sum += value;
      size += std::abs(value);
    }
    if (magnitude) *magnitude = size;
    return sum;
  }

  // The residuals by the compiled tape, its channels exact.
  std::vector<double> by_tape(const std::vector<NodeId>& fields, const std::vector<double>& point) {
    std::vector<double> inputs = point;
    for (NodeId field : fields) {
      for (std::size_t c = 0; c < term.plan.channels.size(); ++c) inputs.push_back(channel(field, c, point));
    }
    return reference::tape_outputs(term.residual, inputs);
  }

  // The residuals by substitution in the graph.
  std::vector<double> exactly(const std::vector<NodeId>& fields, const std::vector<double>& point) {
    std::vector<double> values;
    for (NodeId residual : residuals)
      values.push_back(evaluate(graph, substitute_fields(graph, residual, fields), point.data()));
    return values;
  }
};

}  // namespace jetpinn
