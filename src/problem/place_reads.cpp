#include "jetpinn/problem/place_reads.hpp"

#include "jetpinn/expr/parser.hpp"

namespace jetpinn {

PlaceReads place_reads(const ExpressionGraph& graph, const std::vector<NodeId>& roots) {
  PlaceReads reads;
  for (const NodeId root : roots) {
    if (!graph.depends_on_attributes(root)) continue;
    for (const NodeId id : reachable(graph, {root}))
      if (graph[id].op == Op::attribute) (graph[id].index == distance_attribute ? reads.distance : reads.normal) = true;
  }
  return reads;
}

}  // namespace jetpinn
