// The sizes of a residual's summands as functions of the sizes of fields: |c| U_f^n U_g^m ..., a list of monomials.
//
// What holds no field has the size that it has at the points of its term. A derivative of a field has the field's size over
// those of its coordinates. A sum is as large as its largest summand, so that signs do not matter; a function of fields
// other than a root or an absolute value, such as exp or sin, counts as 1.
#pragma once

#include "jetpinn/expr/graph.hpp"
#include "jetpinn/sampling/point_set.hpp"

#include <map>
#include <vector>

namespace jetpinn {

struct Monomial {
  double factor = 1;             // coefficient, and sizes of coordinates
  std::map<int, double> powers;  // by field; empty: no field is in it
  int order = 0;                 // of its highest derivative
};

// Of an expression at points. coordinates: [differentiable coordinates] their sizes. The graph grows. What vanishes at all
// points, and what is not finite at each, has no monomial. largest: what holds no field counts by its largest value, as
// prescribed values do; else by its root mean square.
std::vector<Monomial> monomials_of(ExpressionGraph& graph, NodeId root, const TermPoints& points,
                                   const std::vector<double>& coordinates, bool largest);

// Of a monomial at sizes of the fields.
double size_of(const Monomial& monomial, const std::vector<double>& fields);

}  // namespace jetpinn
