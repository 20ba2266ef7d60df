// Products by at::mm_out and at::addmm_out on views of our buffers, below autograd.
#pragma once

#include "jetpinn/runtime/product.hpp"

#include <memory>

namespace jetpinn {

template <class T>
std::unique_ptr<Product<T>> make_libtorch_product(const ProductShape& shape);

}  // namespace jetpinn
