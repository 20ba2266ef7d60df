// A network evaluated tile by tile: the values of a tile of points stay in the cache from layer to layer, unit by unit, and
// each layer's product is of the format that is fastest here.
#pragma once

#include "jetpinn/compress/weight_stack.hpp"
#include "jetpinn/kernels/tile_activation.hpp"
#include "jetpinn/kernels/tile_product.hpp"
#include "jetpinn/runtime/pool.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jetpinn {

// The sparse formats, then what libxsmm makes: "generated", code for the pattern (runtime/generated_product.hpp), where it
// does for this processor, and "dense", whole matrices.
const std::vector<std::string>& tile_formats();
// Null where libxsmm generates no code for the pattern.
template <class T>
std::unique_ptr<TileProduct<T>> make_tile_product(const std::string& format, const StackLayer& layer);

template <class T>
class TileNetwork {
 public:
  // formats: [layers]. Throws Error (usage) where libxsmm refuses one that is to be generated.
  TileNetwork(const WeightStack& stack, const std::vector<std::string>& formats);

  // x [points, inputs] to y [points, outputs], row by row.
  void operator()(std::int64_t points, const T* x, T* y);
  // The sums of one layer, no activation behind them: x [inputs, points] to y [outputs, points] of a tile of so many packs.
  void sums(std::size_t layer, int packs, const T* x, T* y) const {
    (*products_[layer])(packs, x, biases_[layer].data(), y);
  }
  SparseBytes bytes(std::size_t layer) const { return products_[layer]->bytes(); }

 private:
  void tile(std::int64_t points, int packs, const T* x, T* y);

  std::vector<std::int64_t> units_;  // [layers + 1]
  std::vector<std::unique_ptr<TileProduct<T>>> products_;
  std::vector<std::vector<T>> biases_;
  TileActivation<T> activation_;
  Pool pool_;
  T *here_, *there_;  // [widest, tile_points]
};

}  // namespace jetpinn
