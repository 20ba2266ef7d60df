// A sparse matrix times tiles of points by code that libxsmm generates for its pattern (libxsmm_create_xcsr_soa): no index
// is read, the places of operands stand in the instructions. A format of sparse layers, and a baseline of the others.
//
// Such code is read as the weights are, from the second-level cache or beyond for all but small matrices: of a whole tile
// some 75 bytes for each of them with AVX-512 (bytes() counts them).
#pragma once

#include "jetpinn/kernels/tile_product.hpp"

#include <memory>

namespace jetpinn {

// Whether libxsmm generates such code for this processor: with AVX2 or AVX-512, as the program is compiled.
bool generates_products();

// kept: the pattern's weights in its order. Null where libxsmm has no such code: for this processor, or for an output of
// more weights than the 128 KiB of code hold that it writes at most; and where all code would take more than 64 MiB.
template <class T>
std::unique_ptr<TileProduct<T>> make_generated_product(const SparsePattern& pattern, const double* kept);

}  // namespace jetpinn
