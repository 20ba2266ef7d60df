#include "jetpinn/layer/layer_kinds.hpp"

#include "jetpinn/base/device_kinds.hpp"
#include "jetpinn/base/error.hpp"
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/layer/factorised.hpp"
#include "jetpinn/layer/whole_matrix.hpp"

#include <algorithm>
#include <utility>

namespace jetpinn {

// Each defined in src/layer/<kind>.cpp.
const LayerKind& input_kind();
const LayerKind& linear_kind();
const LayerKind& activation_kind();
const LayerKind& gate_kind();
const LayerKind& mix_kind();
const LayerKind& output_kind();
const LayerKind& sparse_kind();

namespace {

const std::vector<const LayerKind*>& kinds() {
  static const std::vector<const LayerKind*> rows{&input_kind(), &linear_kind(), &sparse_kind(), &activation_kind(),
                                                  &gate_kind(),  &mix_kind(),    &output_kind()};
  return rows;
}

}  // namespace

const LayerKind& layer_kind(const Layer& layer) {
  for (const LayerKind* kind : kinds())
    if (kind->name() == layer.kind) return *kind;
  JETPINN_CHECK(false, "a layer of kind '" + layer.kind + "'");
}

std::vector<std::string> layer_kind_names() {
  std::vector<std::string> names;
  for (const LayerKind* kind : kinds()) names.push_back(kind->name());
  return names;
}

std::unique_ptr<JetLayer<CudaFp32>> LayerKind::make(const LayerSetting<CudaFp32>& setting) const {
  JETPINN_CHECK(false, "a layer of kind '" + setting.layer.kind + "' on a card");
}
std::unique_ptr<JetLayer<CudaFp64>> LayerKind::make(const LayerSetting<CudaFp64>& setting) const {
  JETPINN_CHECK(false, "a layer of kind '" + setting.layer.kind + "' on a card");
}

template <class A>
std::unique_ptr<JetLayer<A>> make_layer(const LayerSetting<A>& setting) {
  const LayerKind& kind = layer_kind(setting.layer);
  std::unique_ptr<JetLayer<A>> layer = kind.make(setting);
  if (pattern_of(setting.layer) && &kind != &sparse_kind()) layer = make_whole<A>(setting, std::move(layer));
  return factorised(setting.network, setting.layer) ? make_factorised<A>(setting, std::move(layer)) : std::move(layer);
}

template std::unique_ptr<JetLayer<HostFp32>> make_layer<HostFp32>(const LayerSetting<HostFp32>&);
template std::unique_ptr<JetLayer<HostFp64>> make_layer<HostFp64>(const LayerSetting<HostFp64>&);
template std::unique_ptr<JetLayer<HostBf16>> make_layer<HostBf16>(const LayerSetting<HostBf16>&);
#define JETPINN_INSTANTIATE(A) template std::unique_ptr<JetLayer<A>> make_layer<A>(const LayerSetting<A>&);
JETPINN_FOR_DEVICES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE

template <class A>
std::vector<ProductShape> product_shapes(const Network& network) {
  std::vector<ProductShape> all;
  for (const Layer& layer : network.layers) {
    for (const ProductShape& shape : layer_kind(layer).products(layer, pack_lanes<typename A::Storage>)) {
      const auto same = [&](const ProductShape& s) { return s.kind == shape.kind && s.k == shape.k && s.n == shape.n; };
      if (std::none_of(all.begin(), all.end(), same)) all.push_back(shape);
    }
  }
  return all;
}

template std::vector<ProductShape> product_shapes<HostFp32>(const Network&);
template std::vector<ProductShape> product_shapes<HostFp64>(const Network&);
#define JETPINN_INSTANTIATE(A) template std::vector<ProductShape> product_shapes<A>(const Network&);
JETPINN_FOR_DEVICES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE

double product_weights(const Network& network, const std::vector<bool>& members) {
  double weights = 0;
  for (const Layer& layer : network.layers)
    if (members[static_cast<std::size_t>(layer.member)]) weights += layer_kind(layer).product_weights(layer);
  return weights;
}

}  // namespace jetpinn
