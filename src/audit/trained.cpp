// Trained numbers that no residual reads: nothing says what they are.
#include "jetpinn/audit/audit.hpp"

#include <fmt/format.h>

#include <set>
#include <vector>

namespace jetpinn {

// Where a constant is zero in one stage, what it is a factor of may stand in another.
std::set<int> read_in_residuals(const Problem& problem, Op op) {
  std::set<int> read;
  for (const Variant& variant : problem.variants)
    for (const std::vector<NodeId>& residuals : variant.residuals)
      for (const NodeId id : reachable(problem.graph, residuals))
        if (problem.graph[id].op == op) read.insert(problem.graph[id].index);
  return read;
}

Warnings audit_trained(const AuditInput& input) {
  const Problem& problem = *input.assembly.problem;
  const std::set<int> read = read_in_residuals(problem, Op::trainable);
  Warnings warnings;
  for (std::size_t k = 0; k < problem.trained.size(); ++k)
    if (!read.count(static_cast<int>(k)))
      warnings.push_back({"trained", fmt::format("'{0}' (problem.trainable.{0}) stands in no residual, so that it stays at "
                                                 "its start: use it in one, or take it out",
                                                 problem.trained[k].name)});
  return warnings;
}

}  // namespace jetpinn
