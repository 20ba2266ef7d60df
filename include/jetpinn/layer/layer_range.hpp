// Runs of layers, as those whose jets are not kept from the forward sweep to the reverse one.
#pragma once

#include <vector>

namespace jetpinn {

// Layers [begin, end) of Network::layers.
struct LayerRange {
  int begin = 0, end = 0;
  bool operator==(const LayerRange&) const = default;
};

// Rising, none overlaps another. The jets of each are computed again as soon as the reverse reaches it. Empty: all are kept.
using RecomputedLayers = std::vector<LayerRange>;

}  // namespace jetpinn
