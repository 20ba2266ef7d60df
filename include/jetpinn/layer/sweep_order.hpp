// When sweeps pass through the layers of a network, and when the reverse reads which jets. Known from the layers' kinds
// alone.
#pragma once

#include "jetpinn/layer/jet_layer.hpp"
#include "jetpinn/network/network.hpp"

#include <vector>

namespace jetpinn {

struct SweepOrder {
  // Layers that a tile goes through in reverse before the next tile; then the first one gathers.
  using Pass = std::vector<int>;

  std::vector<LayerNeeds> needs;            // [layers]
  std::vector<std::vector<int>> consumers;  // [layers] that read its output, rising
  std::vector<Pass> passes;                 // in the order of the reverse sweep
  std::vector<int> pass_of;                 // [layers] from 1; 0: it takes no part in the reverse

  // all_layers: as in plan_buffers. Throws Error (internal) for a layer that reads a later one.
  SweepOrder(const Network& network, bool all_layers);

  // The gather at the end of the pass in which the layer takes part is all that reads its output in reverse, and its
  // reverse can compute the output again: in time for that gather.
  bool restores(int layer) const;
  // Numbers of the passes in which the reverse reads the layer's output from where a forward sweep left it, rising, each
  // once.
  std::vector<int> reads_in_reverse(int layer) const;
};

}  // namespace jetpinn
