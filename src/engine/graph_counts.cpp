#include "jetpinn/engine/graph_counts.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace jetpinn {

std::string graphs_text(const GraphCounts& counts) {
  return fmt::format("graphs: {} captured, {} replays, {} evaluations kernel by kernel{}", counts.captured, counts.replayed,
                     counts.eager, counts.reason.empty() ? "" : " (the last without a graph: " + counts.reason + ")");
}

nlohmann::ordered_json graphs_document(const GraphCounts& counts) {
  return {{"captured", counts.captured}, {"replayed", counts.replayed}, {"eager", counts.eager}, {"reason", counts.reason}};
}

}  // namespace jetpinn
