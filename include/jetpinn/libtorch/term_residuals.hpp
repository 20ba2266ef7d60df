// A term's residuals by autograd: the network's fields, their derivatives by the coordinates, and the residual graph over
// them.
#pragma once

#include "jetpinn/engine/engine.hpp"
#include "jetpinn/libtorch/parameter_leaves.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

// Rows first .. first + count - 1 of a term's points, of which all columns are [count].
struct ChunkRows {
  const TermPoints& points;
  std::int64_t first, count;
  at::ScalarType type;

  // Row `index` of columns [.., local_count].
  at::Tensor column(const std::vector<double>& columns, int index) const;
};

class TermResiduals {
 public:
  explicit TermResiduals(const EngineTerm& term);  // whose graph outlives it

  int residuals() const { return static_cast<int>(residuals_.size()); }

  // Residuals [count] each. constants: those of the stage.
  Tensors evaluate(const ParameterLeaves& leaves, const ChunkRows& rows, const std::vector<double>& constants) const;

 private:
  const ExpressionGraph& graph_;
  std::vector<NodeId> residuals_;
  int sites_;
  std::vector<NodeId> order_;  // of the nodes they need, ascending: operands first
};

}  // namespace jetpinn
