// The table of layer kinds.
#pragma once

#include "jetpinn/layer/jet_layer.hpp"

#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// Throws Error (internal) for a kind that no row has.
const LayerKind& layer_kind(const Layer& layer);
std::vector<std::string> layer_kind_names();

// A layer of its kind, its weights multiplied from factors where it has such.
template <class A>
std::unique_ptr<JetLayer<A>> make_layer(const LayerSetting<A>& setting);

// Each shape once.
template <class A>
std::vector<ProductShape> product_shapes(const Network& network);

// Weights of the matrices that see all channels, of some members.
double product_weights(const Network& network, const std::vector<bool>& members);

}  // namespace jetpinn
