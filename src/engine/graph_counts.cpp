#include "jetpinn/engine/graph_counts.hpp"

#include <fmt/format.h>

namespace jetpinn {

std::string graphs_text(const GraphCounts& counts) {
  return fmt::format("graphs: {} captured, {} replays, {} evaluations kernel by kernel{}", counts.captured, counts.replayed,
                     counts.eager, counts.reason.empty() ? "" : " (the last without a graph: " + counts.reason + ")");
}

}  // namespace jetpinn
