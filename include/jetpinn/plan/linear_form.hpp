// How a residual depends on the derivatives of its fields: linear groups inside sums, everything else apart.
#pragma once

#include "jetpinn/expr/graph.hpp"

#include <map>
#include <utility>
#include <vector>

namespace jetpinn {

// coefficient = factor * function, the function free of fields; function is the node of 1 where the coefficient is a number.
struct OperatorPart {
  Derivative derivative;
  double factor = 1;
  NodeId function = -1;
  bool operator==(const OperatorPart& o) const {
    return derivative == o.derivative && factor == o.factor && function == o.function;
  }
};
using LinearOperator = std::vector<OperatorPart>;  // sorted by derivative

// A field at one of a term's linked points; those of the first point come first.
struct FieldAt {
  FieldAt(int field, int site = 0) : field(field), site(site) {}
  int field, site;
  bool operator<(const FieldAt& o) const { return site != o.site ? site < o.site : field < o.field; }
};

// root = sum_f (value_f u_f + operator_f u_f) + sum coefficient * atom + free; coefficients,
// values and free are free of fields.
struct LinearForm {
  std::map<FieldAt, LinearOperator> operators;        // parts of order >= 1
  std::map<FieldAt, NodeId> values;                   // coefficient of the field's value
  std::vector<std::pair<NodeId, NodeId>> atoms;       // (coefficient, node that depends on fields nonlinearly)
  NodeId free = -1;
};

LinearForm linear_form(ExpressionGraph& graph, NodeId root);

// The residuals and, recursively, every operand of an atom that depends on fields; ascending.
std::map<NodeId, LinearForm> linear_forms(ExpressionGraph& graph, const std::vector<NodeId>& residuals);

}  // namespace jetpinn
