// What a run watches beside its loss: an integral, a mean or an extremum of an expression, such as the drag on a wall.
#pragma once

#include "jetpinn/expr/graph.hpp"
#include "jetpinn/geometry/point_region.hpp"
#include "jetpinn/problem/place_reads.hpp"
#include "jetpinn/problem/source_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jetpinn {

enum class MonitorKind { integral, mean, min, max };
const char* to_string(MonitorKind);

struct MonitorOptions {
  std::string name;
  MonitorKind kind = MonitorKind::integral;
  std::int64_t every = 0;      // steps; 0: with the evaluations
  std::int64_t points = 4096;  // over all ranks
  bool quadrature = false;     // at Gauss-Legendre nodes
  std::vector<std::int64_t> nodes{};  // of them along the axes, in place of `points`; empty: by `points`
};

struct MonitorText {
  MonitorOptions options;
  SourceText expression;
  std::optional<SourceText> on;  // none: the whole domain
};

struct Monitor {
  MonitorOptions options;
  NodeId value = -1;  // in raw network outputs
  PointRegion region;
  PlaceReads reads;
  std::string on;  // as written; empty: the whole domain
};

}  // namespace jetpinn
