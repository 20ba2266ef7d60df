#include "jetpinn/engine/jet_layers.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/kernels/pack.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

// The three products of a layer between hidden layers, in the order forward, input gradient, weight gradient.
std::vector<ProductShape> layer_shapes(std::int64_t inputs, std::int64_t input_width, std::int64_t outputs, std::int64_t width) {
  return {{ProductKind::multiply, inputs, width, input_width, width, width},
          {ProductKind::multiply, outputs, input_width, width, input_width, input_width},
          {ProductKind::accumulate, inputs, width, input_width, width, width}};
}

}  // namespace

template <class T>
std::vector<ProductShape> JetLayers<T>::shapes(const Network& network) {
  std::vector<ProductShape> all;
  for (std::size_t l = 1; l + 1 < network.layers.size(); ++l) {
    const DenseLayer& layer = network.layers[l];
    for (const ProductShape& shape : layer_shapes(layer.inputs, padded<T>(layer.inputs), layer.outputs, padded<T>(layer.outputs))) {
      const auto same = [&](const ProductShape& s) { return s.kind == shape.kind && s.k == shape.k && s.n == shape.n; };
      if (std::none_of(all.begin(), all.end(), same)) all.push_back(shape);
    }
  }
  return all;
}

template <class T>
JetLayers<T>::JetLayers(const Network& network, const ProductChoice& choice, Pool& pool) : network_(network) {
  const std::size_t count = network.layers.size();
  if (count < 2) throw Error(Status::usage, "the jets engine needs at least one hidden layer (network.hidden)");
  for (std::size_t l = 0; l < count; ++l) {
    const DenseLayer& dense = network.layers[l];
    const bool first = l == 0, last = l + 1 == count;
    JetLayer<T> layer;
    layer.inputs = dense.inputs;
    layer.outputs = dense.outputs;
    layer.input_width = first ? dense.inputs : padded<T>(dense.inputs);
    layer.width = last ? dense.outputs : padded<T>(dense.outputs);
    const std::int64_t weights = last ? layer.outputs * layer.input_width : layer.inputs * layer.width;
    layer.weights = pool.allocate<T>(weights);
    layer.bias = pool.allocate<T>(layer.width);
    layer.weight_gradient = pool.allocate<T>(weights);
    layer.bias_gradient = pool.allocate<T>(layer.width);
    if (!first && !last) {
      layer.transposed = pool.allocate<T>(layer.outputs * layer.input_width);
      const auto shape = layer_shapes(layer.inputs, layer.input_width, layer.outputs, layer.width);
      layer.forward = make_product<T>(choice.backend<T>(shape[0]), shape[0]);
      layer.input_gradient = make_product<T>(choice.backend<T>(shape[1]), shape[1]);
      layer.gradient = make_product<T>(choice.backend<T>(shape[2]), shape[2]);
    }
    layers_.push_back(std::move(layer));
  }
}

template <class T>
std::int64_t JetLayers<T>::max_width() const {
  std::int64_t width = 0;
  for (int l = 0; l < hidden(); ++l) width = std::max(width, (*this)[l].width);
  return width;
}

template <class T>
double JetLayers<T>::product_weights() const {
  double weights = 0;
  for (int l = 1; l < hidden(); ++l) weights += static_cast<double>((*this)[l].inputs * (*this)[l].width);
  return weights;
}

template <class T>
void JetLayers<T>::load(const double* parameters) {
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const double* weight = parameters + network_.layers[l].weight;
    const double* bias = parameters + network_.layers[l].bias;
    JetLayer<T>& layer = layers_[l];
    const bool last = l + 1 == layers_.size();
    for (std::int64_t i = 0; i < layer.inputs; ++i) {
      for (std::int64_t j = 0; j < layer.outputs; ++j) {
        const T value = static_cast<T>(weight[i * layer.outputs + j]);
        (last ? layer.weights[j * layer.input_width + i] : layer.weights[i * layer.width + j]) = value;
      }
    }
    if (layer.transposed) {  // in its own order: strided reads are cheaper than strided writes
      for (std::int64_t j = 0; j < layer.outputs; ++j) {
        for (std::int64_t i = 0; i < layer.inputs; ++i) layer.transposed[j * layer.input_width + i] = layer.weights[i * layer.width + j];
      }
    }
    for (std::int64_t j = 0; j < layer.outputs; ++j) layer.bias[j] = static_cast<T>(bias[j]);
  }
}

template <class T>
void JetLayers<T>::flush(double* gradient) {
  for (int l = 0; l <= hidden(); ++l) flush(l, gradient);
}

template <class T>
void JetLayers<T>::flush(int l, double* gradient) {
  const DenseLayer& place = network_.layers[static_cast<std::size_t>(l)];
  double* weight = gradient + place.weight;
  double* bias = gradient + place.bias;
  JetLayer<T>& layer = layers_[static_cast<std::size_t>(l)];
  const bool last = l == hidden();
  const std::int64_t rows = last ? layer.outputs : layer.inputs, width = last ? layer.input_width : layer.width;
  for (std::int64_t i = 0; i < rows; ++i) {
    T* row = layer.weight_gradient + i * width;
    if (last) {
      for (std::int64_t j = 0; j < layer.inputs; ++j) weight[j * layer.outputs + i] += row[j];
    } else {
      for (std::int64_t j = 0; j < layer.outputs; ++j) weight[i * layer.outputs + j] += row[j];
    }
    std::fill_n(row, width, T(0));
  }
  for (std::int64_t j = 0; j < layer.outputs; ++j) bias[j] += layer.bias_gradient[j];
  std::fill_n(layer.bias_gradient, layer.width, T(0));
}

template class JetLayers<float>;
template class JetLayers<double>;

}  // namespace jetpinn
