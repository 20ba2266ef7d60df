// How an engine's evaluations were given to a device.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>

namespace jetpinn {

struct GraphCounts {
  std::int64_t captured = 0;  // graphs that were recorded, each replayed at once
  std::int64_t replayed = 0;  // evaluations that were such a graph, once more
  std::int64_t eager = 0;     // evaluations kernel by kernel: the first of each kind, and those without a graph
  std::string reason;         // why there was none, of the last such evaluation that was not the first of its kind
};

inline void add(GraphCounts& to, const GraphCounts& counts) {
  to.captured += counts.captured;
  to.replayed += counts.replayed;
  to.eager += counts.eager;
  if (!counts.reason.empty()) to.reason = counts.reason;
}

// "graphs: 2 captured, 997 replays, 3 evaluations kernel by kernel (the last without a graph: ...)"
std::string graphs_text(const GraphCounts& counts);
// {captured, replayed, eager, reason}
nlohmann::ordered_json graphs_document(const GraphCounts& counts);

}  // namespace jetpinn
