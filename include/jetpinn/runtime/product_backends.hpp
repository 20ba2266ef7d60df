// The makers behind make_product, one per library.
#pragma once

#include "jetpinn/runtime/product.hpp"

namespace jetpinn {

// Columns and inner extents beyond it take several of libxsmm's kernels.
constexpr std::int64_t libxsmm_block = 128;

template <class T>
std::unique_ptr<Product<T>> make_libxsmm_product(const ProductShape& shape);
template <class T>
std::unique_ptr<Product<T>> make_libtorch_product(const ProductShape& shape);

}  // namespace jetpinn
