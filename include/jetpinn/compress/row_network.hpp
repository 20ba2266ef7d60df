// The same network with whole matrices, as programs without sparse products evaluate it: points are rows, and every layer is
// a product of a chunk of rows. What sparse networks are measured against.
#pragma once

#include "jetpinn/compress/weight_stack.hpp"
#include "jetpinn/kernels/tile_activation.hpp"
#include "jetpinn/runtime/pool.hpp"
#include "jetpinn/runtime/product.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

template <class T>
class RowNetwork {
 public:
  // backend: of the products, a name of product_backends(). Throws Error (usage) where it cannot be loaded.
  RowNetwork(const WeightStack& stack, const std::string& backend);

  // x [points, inputs] to y [points, outputs], row by row.
  void operator()(std::int64_t points, const T* x, T* y);

 private:
  struct Layer {
    std::int64_t outputs, width;  // width: padded to whole packs
    T* weights;                   // [width of the inputs, width]
    std::vector<T> bias;          // [width]
    std::unique_ptr<Product<T>> product;
  };

  std::int64_t inputs_, width_;
  std::vector<Layer> layers_;
  TileActivation<T> activation_;
  Pool pool_;
  T *here_, *there_;  // [rows at once, widest]
};

}  // namespace jetpinn
