// Weights as a product of parameters: what a layer multiplies by is V diag(exp(s)) a, with a block "scale" s for the columns
// of V (random weight factorisation: Wang, Wang, Seidman and Perdikaris, 2022) or a block "slope" a (a trained slope of the
// activation behind it: Jagtap, Kawaguchi and Karniadakis, 2020), or both.
#pragma once

#include "jetpinn/layer/jet_layer.hpp"

#include <memory>
#include <vector>

namespace jetpinn {

bool factorised(const Layer& layer);

// own: the layer's blocks, one behind the other. Returns them with the weights themselves in place of V.
std::vector<double> multiply_factors(const Layer& layer, const double* own);

// A layer that sees the weights themselves, told of parameters and asked for gradients in factors.
template <class A>
std::unique_ptr<JetLayer<A>> make_factorised(const LayerSetting<A>& setting, std::unique_ptr<JetLayer<A>> plain);

}  // namespace jetpinn
