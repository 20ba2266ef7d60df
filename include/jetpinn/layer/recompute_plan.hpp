// Which layers' jets are recomputed in the reverse sweep instead of kept (Chen, Xu, Zhang and Guestrin, 2016: "Training deep
// nets with sublinear memory cost"; there called segments and checkpoints).
//
// The layers are taken in steps, each a hidden layer: a matrix with what follows it. A plan divides them into segments. A
// segment is kept, or it is recomputed from what is kept where it begins; each layer is computed at most twice. Memory is
// the most columns of jets that a chunk holds at one time (BufferPlan::live_units); work is that of the recomputed products.
//
// The plans are found by dynamic programming along the layers, over all pairs of columns kept so far and work so far of
// which neither is beaten in both. For a chain, in which each hidden layer reads the one before it, no plan of at most as
// many columns takes less work. Where layers read earlier ones (gates, ways around
// layers), what crosses segments is kept, and the model may count a little more than the plan takes: never less.
#pragma once

#include "jetpinn/layer/buffer_plan.hpp"
#include "jetpinn/layer/layer_range.hpp"
#include "jetpinn/network/network.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace jetpinn {

// Hidden layers that a plan divides, in runs of Network::layers; the last one of a network has its output layer too. Layers
// below all that is trained belong to the first one above them. all_layers: as in plan_buffers.
std::vector<LayerRange> hidden_layers(const Network& network, bool all_layers = false);

// Recomputed weights of products, then columns of all other layers: where the first are equal, as in a first layer of few
// features, the second decide.
using RecomputeWork = std::pair<double, double>;

struct RecomputePlan {
  RecomputedLayers layers;
  std::int64_t columns = 0;  // BufferPlan::live_units
  RecomputeWork work;
};

// Looks for plans of a network, which outlives it.
class RecomputeSearch {
 public:
  explicit RecomputeSearch(const Network& network, bool all_layers = false);
  ~RecomputeSearch();

  // The least work of at most so many columns; nothing: no plan has so few.
  std::optional<RecomputePlan> within(std::int64_t columns);
  // The plan that recomputes nothing.
  RecomputePlan keeps_all();
  // The least columns, and the least work of so many.
  RecomputePlan least();

  class Parts;

 private:
  std::unique_ptr<Parts> parts_;
};

// The plan of `segments` segments that takes the least memory, and the least work among those: all but the last segment are
// recomputed. 1: all is kept. Throws Error (usage) where there are fewer hidden layers.
RecomputedLayers plan_segments(const Network& network, int segments, bool all_layers = false);

// Weights of matrices that see all channels (product_weights), of the layers that the plan recomputes.
double recomputed_weights(const Network& network, const std::vector<bool>& members, const BufferPlan& plan);

}  // namespace jetpinn
