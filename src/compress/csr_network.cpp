#include "jetpinn/compress/csr_network.hpp"

#include "jetpinn/kernels/pack.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace jetpinn {
namespace {

constexpr std::int64_t points_at_once = 256;  // as many as a whole matrix's rows (row_network.cpp)

// a [rows, columns] to b [columns, rows].
template <class T>
void transpose(std::int64_t rows, std::int64_t columns, const T* a, T* b) {
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < columns; ++c) b[c * rows + r] = a[r * columns + c];
}

}  // namespace

// A pattern's places rise by input, then by output: counting brings them into the rows of the outputs, inputs rising.
template <class T>
CsrMatrix<T> csr_matrix(const StackLayer& layer) {
  const std::int64_t outputs = layer.pattern.outputs;
  CsrMatrix<T> matrix{outputs, layer.pattern.inputs, {}, {}, {}};
  matrix.starts.resize(static_cast<std::size_t>(outputs) + 1);
  for (const std::int64_t place : layer.pattern.kept) ++matrix.starts[static_cast<std::size_t>(place % outputs) + 1];
  for (std::size_t o = 0; o < static_cast<std::size_t>(outputs); ++o) matrix.starts[o + 1] += matrix.starts[o];
  matrix.places.resize(layer.kept.size());
  matrix.values.resize(layer.kept.size());
  std::vector<std::int32_t> next(matrix.starts.begin(), matrix.starts.end() - 1);
  for (std::size_t k = 0; k < layer.kept.size(); ++k) {
    const std::int64_t place = layer.pattern.kept[k];
    const auto at = static_cast<std::size_t>(next[static_cast<std::size_t>(place % outputs)]++);
    matrix.places[at] = static_cast<std::int32_t>(place / outputs);
    matrix.values[at] = static_cast<T>(layer.kept[k]);
  }
  return matrix;
}

template <class T>
CsrNetwork<T>::CsrNetwork(const WeightStack& stack)
    : inputs_(stack.input_count()), activation_(tile_activation<T>(stack.activation)) {
  for (const StackLayer& layer : stack.layers)
    layers_.push_back(
        {layer.pattern.outputs, {layer.bias.begin(), layer.bias.end()}, make_csr_product(csr_matrix<T>(layer))});
  const std::int64_t widest = padded<T>(points_at_once * stack.widest());
  here_ = pool_.allocate<T>(widest);
  there_ = pool_.allocate<T>(widest);
}

template <class T>
void CsrNetwork<T>::operator()(std::int64_t points, const T* x, T* y) {
  const std::int64_t outputs = layers_.back().outputs;
  for (std::int64_t first = 0; first < points; first += points_at_once) {
    const std::int64_t count = std::min(points_at_once, points - first);
    transpose(count, inputs_, x + first * inputs_, here_);
    T *from = here_, *to = there_;
    for (const Layer& layer : layers_) {
      (*layer.product)(count, from, layer.bias.data(), to);
      if (&layer != &layers_.back()) activation_(to, padded<T>(layer.outputs * count));
      std::swap(from, to);
    }
    transpose(outputs, count, from, y + first * outputs);
  }
}

template CsrMatrix<float> csr_matrix<float>(const StackLayer&);
template CsrMatrix<double> csr_matrix<double>(const StackLayer&);
template class CsrNetwork<float>;
template class CsrNetwork<double>;

}  // namespace jetpinn
