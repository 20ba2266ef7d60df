// Sizes at the network that training begins with: mean squares of residuals and of their summands, and the range of fields.
#pragma once

#include "jetpinn/audit/audit.hpp"

#include <cstddef>
#include <vector>

namespace jetpinn {

struct PartScale {
  NodeId part = -1;         // as written
  double mean_square = 0;
};

struct ResidualScale {
  std::size_t term = 0, residual = 0;
  double weighted = 0, unweighted = 0;   // mean squares
  std::vector<PartScale> parts;          // of its top-level sum; empty where there is one only
};

struct FieldScale {
  double low = 0, high = 0, mean_square = 0;   // of the field after its output transform, over the domain
};

struct InitialScales {
  ExpressionGraph graph;   // of the problem, with what the parts added
  std::vector<ResidualScale> residuals;
  std::vector<FieldScale> fields;
};

// On up to 1000 points of each term, fewer for networks so large that it would be noticed.
// Deterministic, by the calling process alone.
InitialScales initial_scales(const AuditInput& input);

}  // namespace jetpinn
