#include "jetpinn/compress/row_network.hpp"

#include "jetpinn/kernels/pack.hpp"

#include <algorithm>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::int64_t rows_at_once = 256;  // of 512 units in fp32 half a MiB: in the second-level cache

}  // namespace

template <class T>
RowNetwork<T>::RowNetwork(const WeightStack& stack, const std::string& backend)
    : inputs_(stack.input_count()),
      width_(padded<T>(stack.input_count())),
      activation_(tile_activation<T>(stack.activation)) {
  std::int64_t before = width_;
  for (const StackLayer& of : stack.layers) {
    Layer layer{of.pattern.outputs, padded<T>(of.pattern.outputs), nullptr, {of.bias.begin(), of.bias.end()}, nullptr};
    layer.bias.resize(static_cast<std::size_t>(layer.width));
    layer.weights = pool_.allocate<T>(before * layer.width);
    for (std::size_t k = 0; k < of.kept.size(); ++k)
      layer.weights[of.pattern.kept[k] / layer.outputs * layer.width + of.pattern.kept[k] % layer.outputs] =
          static_cast<T>(of.kept[k]);
    layer.product = make_product<T>(backend, {ProductKind::multiply, before, layer.width, before, layer.width, layer.width});
    before = layer.width;
    layers_.push_back(std::move(layer));
  }
  const std::int64_t widest = padded<T>(stack.widest());
  here_ = pool_.allocate<T>(rows_at_once * widest);
  there_ = pool_.allocate<T>(rows_at_once * widest);
}

template <class T>
void RowNetwork<T>::operator()(std::int64_t points, const T* x, T* y) {
  for (std::int64_t first = 0; first < points; first += rows_at_once) {
    const std::int64_t rows = std::min(rows_at_once, points - first);
    for (std::int64_t p = 0; p < rows; ++p) std::copy_n(x + (first + p) * inputs_, inputs_, here_ + p * width_);
    if (width_ > inputs_)
      for (std::int64_t p = 0; p < rows; ++p) std::fill(here_ + p * width_ + inputs_, here_ + (p + 1) * width_, T(0));
    T *from = here_, *to = there_;
    for (Layer& layer : layers_) {
      (*layer.product)(rows, from, layer.weights, to);
      for (std::int64_t p = 0; p < rows; ++p)
        for (std::int64_t o = 0; o < layer.width; ++o) to[p * layer.width + o] += layer.bias[static_cast<std::size_t>(o)];
      if (&layer != &layers_.back()) activation_(to, rows * layer.width);
      std::swap(from, to);
    }
    const Layer& last = layers_.back();
    for (std::int64_t p = 0; p < rows; ++p) std::copy_n(from + p * last.width, last.outputs, y + (first + p) * last.outputs);
  }
}

template class RowNetwork<float>;
template class RowNetwork<double>;

}  // namespace jetpinn
