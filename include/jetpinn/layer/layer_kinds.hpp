// The table of layer kinds.
#pragma once

#include "jetpinn/layer/jet_layer.hpp"

#include <string>
#include <vector>

namespace jetpinn {

// Throws Error (internal) for a kind that no row has.
const LayerKind& layer_kind(const Layer& layer);

// Each shape once.
template <class T>
std::vector<ProductShape> product_shapes(const Network& network);

// Weights of all matrices that see all channels.
double product_weights(const Network& network);

}  // namespace jetpinn
