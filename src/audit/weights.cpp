// A term that counts nothing: all its weights are zero wherever it has points.
#include "jetpinn/audit/audit.hpp"
#include "jetpinn/train/term_points.hpp"
#include "jetpinn/train/values_at_points.hpp"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

constexpr std::int64_t piece = 1024, most_weighed_points = 200000;  // points looked at, at once and in all

// Whether each of the expressions is zero at all points of a term, as far as they are looked at.
std::vector<bool> zero_everywhere(const Assembly& assembly, std::size_t term, const std::vector<NodeId>& nodes) {
  const ExpressionGraph& graph = assembly.problem->graph;
  std::vector<bool> zero(nodes.size(), true);
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    if (graph.is_constant(nodes[k])) zero[k] = graph[nodes[k]].value == 0;
    else if (reads_data(graph, nodes[k]) && is_streamed(assembly, term))
      zero[k] = false;  // its rows are read when they are trained on
  }
  const auto open = [&](std::size_t k) { return zero[k] && !graph.is_constant(nodes[k]); };
  const auto source = term_source(assembly, term, 0);
  for (std::int64_t first = 0; first < std::min(source->count(), most_weighed_points); first += piece) {
    bool any = false;
    for (std::size_t k = 0; k < nodes.size(); ++k) any = any || open(k);
    if (!any) break;
    const std::int64_t count = std::min(piece, source->count() - first);
    TermPoints points = make_room(assembly.problem->dimensions(), source->columns(), source->count(), {{first, count}});
    source->fill(points);
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      ValuesAtPoints values(graph, nodes[k], points);
      for (std::int64_t i = 0; i < count && open(k); ++i) zero[k] = values(i) == 0;
    }
  }
  return zero;
}

// Of a term in a stage.
Warnings zero_weights(const AuditInput& input, std::size_t stage, std::size_t t) {
  const std::string& name = input.assembly.problem->terms[t].name;
  const std::vector<bool> zero = zero_everywhere(input.assembly, t, stage_weights(input, stage, t));
  const auto zeros = static_cast<std::size_t>(std::count(zero.begin(), zero.end(), true));
  const std::string key = weight_key(input, stage, t);
  const std::string mend =
      " at its " + std::to_string(input.assembly.counts[t]) +
      " points, and nothing is learned from it: give it a weight above zero, or take it out of the config";
  Warnings warnings;
  if (zeros == zero.size()) return {{"weights", "all weights of '" + name + "' are zero (" + key + ")" + mend}};
  for (std::size_t k = 0; k < zero.size(); ++k)
    if (zero[k])
      warnings.push_back({"weights", "the weight of residual " + std::to_string(k) + " of '" + name + "' is zero (" + key +
                                         "." + std::to_string(k) + ")" + mend});
  return warnings;
}

}  // namespace

// Each key that gives a term its weights in some stage is looked at once.
Warnings audit_weights(const AuditInput& input) {
  Warnings warnings;
  for (std::size_t t = 0; t < input.assembly.problem->terms.size(); ++t) {
    std::set<std::string> keys;
    for (const std::size_t stage : input.training.trained_stages()) {
      if (!keys.insert(weight_key(input, stage, t)).second) continue;
      const Warnings found = zero_weights(input, stage, t);
      warnings.insert(warnings.end(), found.begin(), found.end());
    }
  }
  return warnings;
}

}  // namespace jetpinn
