// A layer whose products are of whole matrices, told of the weights that its pattern keeps alone. The others are zero, and
// their gradients go nowhere.
#pragma once

#include "jetpinn/layer/jet_layer.hpp"

#include <memory>

namespace jetpinn {

// Pattern of the layer's matrix, its first block; null: the matrix has all weights.
const SparsePattern* pattern_of(const Layer& layer);

template <class A>
std::unique_ptr<JetLayer<A>> make_whole(const LayerSetting<A>& setting, std::unique_ptr<JetLayer<A>> plain);

}  // namespace jetpinn
