// Values of an expression where those of its fields are given, and on which side of its jumps a point lies.
#pragma once

#include "jetpinn/expr/graph.hpp"
#include "jetpinn/geometry/point_region.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace jetpinn {

class FieldValues {
 public:
  // The graph must outlive it and may grow meanwhile. pair: what a linked point has in place of the coordinates of the
  // first.
  FieldValues(const ExpressionGraph& graph, NodeId node, std::vector<FixedCoordinate> pair = {});

  const std::vector<NodeId>& leaves() const { return leaves_; }   // fields and their derivatives, ascending
  std::size_t operations() const { return order_.size(); }

  // coordinates [dimensions], fields [leaves]. Not by several threads at once.
  double operator()(const double* coordinates, const double* fields);

  // Of the last point: equal for points between which no sign, step, comparison, where or mod of the
  // expression changes its branch.
  std::uint64_t branch() const;

 private:
  double coordinate(const Node& leaf, const double* coordinates) const;

  const ExpressionGraph& graph_;
  std::vector<FixedCoordinate> pair_;
  std::vector<NodeId> order_, leaves_;                    // order: the node itself last
  std::vector<std::array<std::int32_t, 3>> operands_;     // places in the order; of a leaf: first its place among the leaves
  std::vector<double> values_;
};

// Numbers in [-1, 1], equal for equal arguments.
double audit_number(std::uint64_t a, std::uint64_t b, std::uint64_t c = 0);

}  // namespace jetpinn
