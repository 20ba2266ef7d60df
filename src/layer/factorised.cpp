#include "jetpinn/layer/factorised.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace jetpinn {
namespace {

// Where a block begins among the layer's own; -1: it has none of that name.
std::int64_t begin_of(const Layer& layer, const char* name) {
  const ParameterBlock* block = layer.block(name);
  return block ? block->offset - layer.blocks.front().offset : -1;
}

// exp(s_j) and a; 1 where a layer has no such block.
struct Factors {
  std::vector<double> columns;
  double slope = 1;
};

Factors factors_of(const Layer& layer, const double* own) {
  const std::int64_t scale = begin_of(layer, "scale"), slope = begin_of(layer, "slope");
  Factors factors{std::vector<double>(static_cast<std::size_t>(layer.units), 1.0), slope < 0 ? 1.0 : own[slope]};
  for (std::int64_t j = 0; scale >= 0 && j < layer.units; ++j)
    factors.columns[static_cast<std::size_t>(j)] = std::exp(own[scale + j]);
  return factors;
}

// With W_ij = a V_ij exp(s_j) and p_ij = wbar_ij V_ij exp(s_j): vbar_ij = wbar_ij a exp(s_j), sbar_j = a sum_i p_ij, abar =
// sum_ij p_ij.
template <class A>
class FactorisedLayer : public JetLayer<A> {
 public:
  using T = typename A::Storage;

  FactorisedLayer(const Layer& layer, std::unique_ptr<JetLayer<A>> plain) : layer_(layer), plain_(std::move(plain)) {
    std::int64_t size = 0;
    for (const ParameterBlock& block : layer.blocks) size += block.size();
    gathered_.resize(static_cast<std::size_t>(size));
  }

  void load(const double* own) override {
    loaded_.assign(own, own + gathered_.size());
    factors_ = factors_of(layer_, own);
    plain_->load(multiply_factors(layer_, own).data());
  }

  // dW_ij = exp(s_j) (da V_ij + a dV_ij + a V_ij ds_j)
  void load_direction(const double* own) override {
    std::vector<double> direction(own, own + gathered_.size());
    const std::int64_t scale = begin_of(layer_, "scale"), slope = begin_of(layer_, "slope"), units = layer_.units;
    for (std::int64_t i = 0; i < layer_.input_units * units; ++i) {
      const double v = loaded_[static_cast<std::size_t>(i)];
      double change = factors_.slope * own[i];
      if (slope >= 0) change += own[slope] * v;
      if (scale >= 0) change += factors_.slope * v * own[scale + i % units];
      direction[static_cast<std::size_t>(i)] = factors_.columns[static_cast<std::size_t>(i % units)] * change;
    }
    plain_->load_direction(direction.data());
  }

  void flush(double* own) override {
    std::fill(gathered_.begin(), gathered_.end(), 0.0);
    plain_->flush(gathered_.data());
    const std::int64_t scale = begin_of(layer_, "scale"), slope = begin_of(layer_, "slope"), units = layer_.units;
    const std::int64_t weights = layer_.input_units * units;
    for (std::int64_t i = 0; i < weights; ++i) {
      const double bar = gathered_[static_cast<std::size_t>(i)] * factors_.columns[static_cast<std::size_t>(i % units)];
      const double product = bar * loaded_[static_cast<std::size_t>(i)];
      own[i] += factors_.slope * bar;
      if (scale >= 0) own[scale + i % units] += factors_.slope * product;
      if (slope >= 0) own[slope] += product;
    }
    for (auto i = static_cast<std::size_t>(weights); i < gathered_.size(); ++i) own[i] += gathered_[i];  // a bias
  }

  std::unique_ptr<JetModule<A>> module(const ModuleSetting<A>& setting) override { return plain_->module(setting); }

 private:
  const Layer& layer_;
  std::unique_ptr<JetLayer<A>> plain_;
  Factors factors_;   // of what was loaded last
  std::vector<double> loaded_, gathered_;  // [own] parameters; gradient by the weights themselves
};

}  // namespace

bool factorised(const Layer& layer) { return layer.block("scale") || layer.block("slope"); }

std::vector<double> multiply_factors(const Layer& layer, const double* own) {
  std::int64_t size = 0;
  for (const ParameterBlock& block : layer.blocks) size += block.size();
  std::vector<double> result(own, own + size);
  if (!factorised(layer)) return result;
  const Factors factors = factors_of(layer, own);
  for (std::int64_t i = 0; i < layer.input_units * layer.units; ++i)
    result[static_cast<std::size_t>(i)] *= factors.slope * factors.columns[static_cast<std::size_t>(i % layer.units)];
  return result;
}

template <class A>
std::unique_ptr<JetLayer<A>> make_factorised(const LayerSetting<A>& setting, std::unique_ptr<JetLayer<A>> plain) {
  return std::make_unique<FactorisedLayer<A>>(setting.layer, std::move(plain));
}

template std::unique_ptr<JetLayer<HostFp32>> make_factorised<HostFp32>(const LayerSetting<HostFp32>&,
                                                                 std::unique_ptr<JetLayer<HostFp32>>);
template std::unique_ptr<JetLayer<EmulatedFp32>> make_factorised<EmulatedFp32>(const LayerSetting<EmulatedFp32>&,
                                                                             std::unique_ptr<JetLayer<EmulatedFp32>>);
template std::unique_ptr<JetLayer<EmulatedFp64>> make_factorised<EmulatedFp64>(const LayerSetting<EmulatedFp64>&,
                                                                             std::unique_ptr<JetLayer<EmulatedFp64>>);
template std::unique_ptr<JetLayer<HostFp64>> make_factorised<HostFp64>(const LayerSetting<HostFp64>&,
                                                                   std::unique_ptr<JetLayer<HostFp64>>);

}  // namespace jetpinn
