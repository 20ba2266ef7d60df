// The same network as torch.sparse evaluates it: each layer a matrix in compressed rows times the values of all units at
// many points, unit by unit. A baseline of sparse networks, and another way to the same outputs.
#pragma once

#include "jetpinn/compress/weight_stack.hpp"
#include "jetpinn/kernels/tile_activation.hpp"
#include "jetpinn/runtime/csr_product.hpp"
#include "jetpinn/runtime/pool.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace jetpinn {

// Of [outputs, inputs], as torch.nn.Linear has its weight.
template <class T>
CsrMatrix<T> csr_matrix(const StackLayer& layer);

template <class T>
class CsrNetwork {
 public:
  // Throws Error (usage) where LibTorch cannot be loaded or has no such products.
  explicit CsrNetwork(const WeightStack& stack);

  // x [points, inputs] to y [points, outputs], row by row.
  void operator()(std::int64_t points, const T* x, T* y);

 private:
  struct Layer {
    std::int64_t outputs;
    std::vector<T> bias;  // [outputs]
    std::unique_ptr<CsrProduct<T>> product;
  };

  std::int64_t inputs_;
  std::vector<Layer> layers_;
  TileActivation<T> activation_;
  Pool pool_;
  T *here_, *there_;  // [widest, points at once]
};

}  // namespace jetpinn
