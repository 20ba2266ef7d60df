// Values of an expression where those of its fields are given, and on which side of its jumps a point lies.
#pragma once

#include "jetpinn/expr/graph.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn {

class FieldValues {
 public:
  // The graph must outlive it and may grow meanwhile.
  FieldValues(const ExpressionGraph& graph, NodeId node);

  const std::vector<NodeId>& leaves() const { return leaves_; }   // fields and their derivatives, ascending
  std::size_t operations() const { return order_.size(); }

  // coordinates [dimensions], fields [leaves]. Not by several threads at once.
  double operator()(const double* coordinates, const double* fields);

  // Of the last point: equal for points between which no sign, step, comparison, where or mod of the
  // expression changes its branch.
  std::uint64_t branch() const;

 private:
  const ExpressionGraph& graph_;
  std::vector<NodeId> order_, leaves_;                    // order: the node itself last
  std::vector<std::array<std::int32_t, 3>> operands_;     // places in the order; of a leaf: first its place among the leaves
  std::vector<double> values_;
};

// Numbers in [-1, 1], equal for equal arguments.
double audit_number(std::uint64_t a, std::uint64_t b, std::uint64_t c = 0);

}  // namespace jetpinn
