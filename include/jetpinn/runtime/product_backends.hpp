// What stands behind make_product: libxsmm here, LibTorch in its module (runtime/libtorch.hpp).
#pragma once

#include "jetpinn/runtime/product.hpp"

namespace jetpinn {

// Columns and inner extents beyond it take several of libxsmm's kernels.
constexpr std::int64_t libxsmm_block = 128;

template <class T>
std::unique_ptr<Product<T>> make_libxsmm_product(const ProductShape& shape);

}  // namespace jetpinn
