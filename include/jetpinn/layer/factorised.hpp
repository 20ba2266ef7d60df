// Weights as a product of parameters: what a layer multiplies by is V diag(exp(s)) a, with a block "scale" s for the columns
// of V (random weight factorisation: Wang, Wang, Seidman and Perdikaris, 2022) or a block "slope" a (a trained slope of the
// activation behind it, s(a (x V + b)): Jagtap, Kawaguchi and Karniadakis, 2020), or both. What that activation adds is a b.
#pragma once

#include "jetpinn/layer/jet_layer.hpp"

#include <memory>
#include <vector>

namespace jetpinn {

// The slope of the sum x V + b that the layer has V or b of, a block of V's layer; null: nothing multiplies the sum.
const ParameterBlock* slope_of(const Network& network, const Layer& layer);

bool factorised(const Network& network, const Layer& layer);

// own: the layer's blocks in the flat buffer. Returns them, one behind the other, with what the layer computes with in place
// of V or b.
std::vector<double> multiply_factors(const Network& network, const Layer& layer, const double* own);

// A layer that sees the weights themselves, told of parameters and asked for gradients in factors.
template <class A>
std::unique_ptr<JetLayer<A>> make_factorised(const LayerSetting<A>& setting, std::unique_ptr<JetLayer<A>> plain);

}  // namespace jetpinn
