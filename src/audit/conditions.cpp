// No conditions at all: any solution of the equations fits.
#include "jetpinn/audit/audit.hpp"
#include "jetpinn/network/run_networks.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

// Whether some residual holds a derivative of a field, and so leaves solutions open.
bool differential(const Problem& problem) {
  std::vector<NodeId> roots;
  for (const Term& term : problem.terms) roots.insert(roots.end(), term.stated.begin(), term.stated.end());
  const std::vector<NodeId> nodes = reachable(problem.graph, roots);
  return std::any_of(nodes.begin(), nodes.end(), [&](NodeId id) {
    return problem.graph[id].op == Op::field && problem.graph[id].derivative.order > 0;
  });
}

}  // namespace

Warnings audit_conditions(const AuditInput& input) {
  const Problem& problem = *input.assembly.problem;
  const bool conditions =
      std::any_of(problem.terms.begin(), problem.terms.end(), [](const Term& term) { return !term.equation; });
  // A transform that depends on the place can hold a field where it should be; a constant factor cannot.
  const bool transformed = std::any_of(problem.outputs.begin(), problem.outputs.end(),
                                       [&](NodeId output) { return problem.graph.depends_on_coordinates(output); });
  const bool closed = static_cast<int>(periodic_in_all(input.network).size()) == problem.symbols.differentiable();
  if (conditions || transformed || closed || !differential(problem)) return {};
  return {{"conditions",
           "there are no conditions, so that any solution of the equations fits and which one is found is chance: add "
           "[[problem.conditions]], or hold the field on the border by network.output"}};
}

}  // namespace jetpinn
