// The network's dense layers in the engine's type: padded copies of the parameters, their gradients, and the products between them.
#pragma once

#include "jetpinn/network/network.hpp"
#include "jetpinn/runtime/pool.hpp"
#include "jetpinn/runtime/product.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace jetpinn {

// One dense layer. Rows of jets are padded to `width`; padding holds zero weights, so that it stays finite and adds nothing.
template <class T>
struct JetLayer {
  std::int64_t inputs = 0, outputs = 0;            // true extents
  std::int64_t input_width = 0, width = 0;         // padded; of the first layer's inputs and the last layer's outputs unpadded
  T* weights = nullptr;                            // [inputs, width]; last layer: [outputs, input_width]
  T* transposed = nullptr;                         // [outputs, input_width]; between hidden layers only
  T* bias = nullptr;                               // [width]
  T* weight_gradient = nullptr;                    // as weights
  T* bias_gradient = nullptr;                      // as bias
  std::unique_ptr<Product<T>> forward, input_gradient, gradient;   // between hidden layers only
};

template <class T>
class JetLayers {
 public:
  JetLayers(const Network& network, const ProductChoice& choice, Pool& pool);

  int hidden() const { return static_cast<int>(layers_.size()) - 1; }
  const JetLayer<T>& operator[](int l) const { return layers_[static_cast<std::size_t>(l)]; }
  std::int64_t max_width() const;                  // of the hidden layers, padded
  double product_weights() const;                  // padded weights of the products between hidden layers

  void load(const double* parameters);             // parameters [network.parameters] -> padded copies
  void flush(double* gradient);                    // gradient [network.parameters] += what was gathered; starts again from zero
  void flush(int layer, double* gradient);         // of one layer

  // The products a network needs, for choosing back ends.
  static std::vector<ProductShape> shapes(const Network& network);

 private:
  const Network network_;
  std::vector<JetLayer<T>> layers_;
};

}  // namespace jetpinn
