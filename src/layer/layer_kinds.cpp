#include "jetpinn/layer/layer_kinds.hpp"

#include "jetpinn/base/error.hpp"
#include "jetpinn/kernels/pack.hpp"

#include <algorithm>

namespace jetpinn {

// Each defined in src/layer/<kind>.cpp.
const LayerKind& input_kind();
const LayerKind& linear_kind();
const LayerKind& activation_kind();
const LayerKind& gate_kind();
const LayerKind& mix_kind();
const LayerKind& output_kind();

namespace {

const std::vector<const LayerKind*>& kinds() {
  static const std::vector<const LayerKind*> rows{&input_kind(), &linear_kind(), &activation_kind(),
                                                  &gate_kind(),  &mix_kind(),    &output_kind()};
  return rows;
}

}  // namespace

const LayerKind& layer_kind(const Layer& layer) {
  for (const LayerKind* kind : kinds())
    if (kind->name() == layer.kind) return *kind;
  JETPINN_CHECK(false, "a layer of kind '" + layer.kind + "'");
}

template <class T>
std::vector<ProductShape> product_shapes(const Network& network) {
  std::vector<ProductShape> all;
  for (const Layer& layer : network.layers) {
    for (const ProductShape& shape : layer_kind(layer).products(layer, pack_lanes<T>)) {
      const auto same = [&](const ProductShape& s) { return s.kind == shape.kind && s.k == shape.k && s.n == shape.n; };
      if (std::none_of(all.begin(), all.end(), same)) all.push_back(shape);
    }
  }
  return all;
}

template std::vector<ProductShape> product_shapes<float>(const Network&);
template std::vector<ProductShape> product_shapes<double>(const Network&);

double product_weights(const Network& network) {
  double weights = 0;
  for (const Layer& layer : network.layers) weights += layer_kind(layer).product_weights(layer);
  return weights;
}

}  // namespace jetpinn
