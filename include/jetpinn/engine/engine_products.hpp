// Which back end computes which product of a jets engine.
#pragma once

#include "jetpinn/engine/engine.hpp"
#include "jetpinn/runtime/product.hpp"

#include <vector>

namespace jetpinn {

// As options.product_backend says (engine/jets_engine.hpp). Collective where it measures for options.ranks. fp64 or fp32.
template <class A>
ProductChoice choose_engine_products(const EngineOptions& options, const Network& network,
                                     const std::vector<EngineTerm>& terms);
// The processor's own products, or plain loops: they give the same bits, so that there is nothing to measure and the choice
// is no part of a checkpoint. Products in fp32, of linearisations, are libxsmm's. Throws Error (usage) where they are
// missing.
ProductChoice choose_bf16_products(const EngineOptions& options);

}  // namespace jetpinn
