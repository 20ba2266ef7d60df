#include "jetpinn/compress/tile_network.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/runtime/generated_product.hpp"
#include "jetpinn/runtime/product.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace jetpinn {
namespace {

// y [outputs, points] = bias, and Wᵀ x on top of it, where Wᵀ is [outputs, inputs].
template <class T>
class DenseTile : public TileProduct<T> {
 public:
  explicit DenseTile(const StackLayer& layer) : inputs_(layer.pattern.inputs), outputs_(layer.pattern.outputs) {
    const std::vector<double> whole = layer.whole();
    weights_ = pool_.allocate<T>(inputs_ * outputs_);
    for (std::int64_t i = 0; i < inputs_; ++i)
      for (std::int64_t o = 0; o < outputs_; ++o)
        weights_[o * inputs_ + i] = static_cast<T>(whole[static_cast<std::size_t>(i * outputs_ + o)]);
    for (int packs = 1; packs <= tile_packs; packs *= 2) {
      const std::int64_t points = packs * pack_lanes<T>;
      products_[static_cast<std::size_t>(packs)] =
          make_product<T>(product_backends().front(), {ProductKind::add, inputs_, points, inputs_, points, points});
    }
  }
  void operator()(int packs, const T* x, const T* bias, T* y) const override {
    const std::int64_t points = packs * pack_lanes<T>;
    for (std::int64_t o = 0; o < outputs_; ++o) std::fill_n(y + o * points, points, bias[o]);
    (*products_[static_cast<std::size_t>(packs)])(outputs_, weights_, x, y);
  }
  SparseBytes bytes() const override {
    const double bytes = static_cast<double>(inputs_ * outputs_) * sizeof(T);
    return {bytes, bytes};
  }

 private:
  std::int64_t inputs_, outputs_;
  Pool pool_;
  T* weights_;
  std::array<std::unique_ptr<Product<T>>, tile_packs + 1> products_;  // by packs of a tile
};

}  // namespace

const std::vector<std::string>& tile_formats() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list = sparse_formats();
    if (generates_products()) list.push_back("generated");
    list.push_back("dense");
    return list;
  }();
  return names;
}

template <class T>
std::unique_ptr<TileProduct<T>> make_tile_product(const std::string& format, const StackLayer& layer) {
  if (format == "dense") return std::make_unique<DenseTile<T>>(layer);
  if (format == "generated") return make_generated_product<T>(layer.pattern, layer.kept.data());
  return make_sparse_product<T>(format, layer.pattern, layer.kept.data());
}

template <class T>
TileNetwork<T>::TileNetwork(const WeightStack& stack, const std::vector<std::string>& formats)
    : units_{stack.input_count()}, activation_(tile_activation<T>(stack.activation)) {
  for (std::size_t l = 0; l < stack.layers.size(); ++l) {
    const StackLayer& layer = stack.layers[l];
    units_.push_back(layer.pattern.outputs);
    products_.push_back(make_tile_product<T>(formats[l], layer));
    if (!products_.back())
      throw Error(Status::usage, "libxsmm refuses layer " + std::to_string(l) +
                                     ": it needs AVX2, and code of at most 128 KiB for one output and 64 MiB for all");
    biases_.emplace_back(layer.bias.begin(), layer.bias.end());
  }
  here_ = pool_.allocate<T>(stack.widest() * tile_points<T>);
  there_ = pool_.allocate<T>(stack.widest() * tile_points<T>);
}

template <class T>
void TileNetwork<T>::tile(std::int64_t count, int packs, const T* x, T* y) {
  const std::int64_t points = packs * pack_lanes<T>, inputs = units_.front(), outputs = units_.back();
  for (std::int64_t u = 0; u < inputs; ++u)
    for (std::int64_t p = 0; p < points; ++p) here_[u * points + p] = p < count ? x[p * inputs + u] : T(0);
  T *from = here_, *to = there_;
  for (std::size_t l = 0; l < products_.size(); ++l) {
    sums(l, packs, from, to);
    if (l + 1 < products_.size()) activation_(to, units_[l + 1] * points);
    std::swap(from, to);
  }
  for (std::int64_t p = 0; p < count; ++p)
    for (std::int64_t u = 0; u < outputs; ++u) y[p * outputs + u] = from[u * points + p];
}

template <class T>
void TileNetwork<T>::operator()(std::int64_t points, const T* x, T* y) {
  for_tiles<T>(points, [&](std::int64_t first, std::int64_t count, int packs) {
    tile(count, packs, x + first * units_.front(), y + first * units_.back());
  });
}

template std::unique_ptr<TileProduct<float>> make_tile_product<float>(const std::string&, const StackLayer&);
template std::unique_ptr<TileProduct<double>> make_tile_product<double>(const std::string&, const StackLayer&);
template class TileNetwork<float>;
template class TileNetwork<double>;

}  // namespace jetpinn
