#include "jetpinn/layer/factorised.hpp"

#include "jetpinn/base/device_kinds.hpp"
#include "jetpinn/kernels/column_items.hpp"
#include "jetpinn/kernels/launch.hpp"
#include "jetpinn/kernels/parameter_items.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace jetpinn {
namespace {

// Blocks beside what they multiply, the layer's first block: a matrix, or the bias of an activation.
struct FactorBlocks {
  const ParameterBlock *scale, *slope;
  std::int64_t first;     // of the layer's blocks in the flat buffer
  std::int64_t products;  // numbers that are multiplied

  FactorBlocks(const Network& network, const Layer& layer)
      : scale(layer.block("scale")),
        slope(slope_of(network, layer)),
        first(layer.blocks.front().offset),
        products(layer.blocks.front().size()) {}
  // Of the flat buffer in which `own` points at the layer's blocks. The slope of an activation lies before these.
  template <class T>
  T* scale_in(T* own) const {
    return scale ? own + (scale->offset - first) : nullptr;
  }
  template <class T>
  T* slope_in(T* own) const {
    return slope ? own + (slope->offset - first) : nullptr;
  }
};

std::int64_t size_of(const Layer& layer) {
  std::int64_t size = 0;
  for (const ParameterBlock& block : layer.blocks) size += block.size();
  return size;
}

// exp(s_j) and a; 1 where a layer has no such block.
struct Factors {
  std::vector<double> columns;
  double slope = 1;
};

Factors factors_of(const FactorBlocks& blocks, const Layer& layer, const double* own) {
  const double *scale = blocks.scale_in(own), *slope = blocks.slope_in(own);
  Factors factors{std::vector<double>(static_cast<std::size_t>(layer.units), 1.0), slope ? *slope : 1.0};
  for (std::int64_t j = 0; scale && j < layer.units; ++j) factors.columns[static_cast<std::size_t>(j)] = std::exp(scale[j]);
  return factors;
}

// With W_ij = a V_ij exp(s_j) and p_ij = wbar_ij V_ij exp(s_j): vbar_ij = wbar_ij a exp(s_j), sbar_j = a sum_i p_ij, abar =
// sum_ij p_ij; a bias is a V of one row, and both of a sum x V + b add to its abar.
template <class A, bool = A::Space::host>
class FactorisedLayer : public JetLayer<A> {
 public:
  FactorisedLayer(const LayerSetting<A>& setting, std::unique_ptr<JetLayer<A>> plain)
      : network_(setting.network), layer_(setting.layer), blocks_(network_, layer_), plain_(std::move(plain)) {
    gathered_.resize(static_cast<std::size_t>(size_of(layer_)));
  }

  void load(const double* own) override {
    loaded_.assign(own, own + gathered_.size());
    factors_ = factors_of(blocks_, layer_, own);
    plain_->load(multiply_factors(network_, layer_, own).data());
  }

  // dW_ij = exp(s_j) (da V_ij + a dV_ij + a V_ij ds_j)
  void load_direction(const double* own) override {
    std::vector<double> direction(own, own + gathered_.size());
    const double *scale = blocks_.scale_in(own), *slope = blocks_.slope_in(own);
    for (std::int64_t i = 0; i < blocks_.products; ++i) {
      const double v = loaded_[static_cast<std::size_t>(i)];
      double change = factors_.slope * own[i];
      if (slope) change += *slope * v;
      if (scale) change += factors_.slope * v * scale[i % layer_.units];
      direction[static_cast<std::size_t>(i)] = factors_.columns[static_cast<std::size_t>(i % layer_.units)] * change;
    }
    plain_->load_direction(direction.data());
  }

  void flush(double* own) override {
    std::fill(gathered_.begin(), gathered_.end(), 0.0);
    plain_->flush(gathered_.data());
    double *scale = blocks_.scale_in(own), *slope = blocks_.slope_in(own);
    for (std::int64_t i = 0; i < blocks_.products; ++i) {
      const double bar =
          gathered_[static_cast<std::size_t>(i)] * factors_.columns[static_cast<std::size_t>(i % layer_.units)];
      const double product = bar * loaded_[static_cast<std::size_t>(i)];
      own[i] += factors_.slope * bar;
      if (scale) scale[i % layer_.units] += factors_.slope * product;
      if (slope) *slope += product;
    }
    // the bias of a last layer
    for (auto i = static_cast<std::size_t>(blocks_.products); i < gathered_.size(); ++i) own[i] += gathered_[i];
  }

  std::unique_ptr<JetModule<A>> module(const ModuleSetting<A>& setting) override { return plain_->module(setting); }

 private:
  const Network& network_;
  const Layer& layer_;
  const FactorBlocks blocks_;
  std::unique_ptr<JetLayer<A>> plain_;
  Factors factors_;                        // of what was loaded last
  std::vector<double> loaded_, gathered_;  // [own] parameters; gradient by what they are multiplied to
};

// The same where the parameters lie on a device. The sum over a whole matrix, abar, is one in two stages.
template <class A>
class FactorisedLayer<A, false> : public JetLayer<A> {
 public:
  using Space = typename A::Space;
  using Own = typename JetLayer<A>::Own;
  using ConstOwn = typename JetLayer<A>::ConstOwn;

  FactorisedLayer(const LayerSetting<A>& setting, std::unique_ptr<JetLayer<A>> plain)
      : blocks_(setting.network, setting.layer),
        stream_(setting.stream),
        units_(setting.layer.units),
        size_(size_of(setting.layer)),
        plain_(std::move(plain)) {
    const auto make = [&](std::int64_t count) { return setting.pool.template allocate<double>(count); };
    factors_ = make(units_ + 1);
    loaded_ = make(size_);
    products_ = make(size_);
    gathered_ = make(size_);
    partial_ = make(sum_runs(blocks_.products));
  }

  void load(ConstOwn own) override {
    launch(Space{}, stream_, "jetpinn::copy_parameters", size_, CastItem<double, double>{own.address(), loaded_.address()});
    launch(Space{}, stream_, "jetpinn::factors", units_ + 1,
           FactorItem{blocks_.scale_in(own.address()), blocks_.slope_in(own.address()), units_, factors_.address()});
    launch(Space{}, stream_, "jetpinn::multiply_factors", size_,
           FactorProductItem{own.address(), factors_.address(), blocks_.products, units_, products_.address()});
    plain_->load(products_);
  }

  void load_direction(ConstOwn own) override {
    launch(Space{}, stream_, "jetpinn::factor_directions", size_,
           FactorDirectionItem{own.address(), blocks_.scale_in(own.address()), blocks_.slope_in(own.address()),
                               loaded_.address(), factors_.address(), blocks_.products, units_, products_.address()});
    plain_->load_direction(products_);
  }

  void flush(Own own) override {
    fill(stream_, gathered_, size_, 0.0);
    plain_->flush(gathered_);
    const FactorTerm product{gathered_.address(), factors_.address(), loaded_.address(), units_};
    launch(Space{}, stream_, "jetpinn::factor_gradients", size_,
           FactorGradientItem{gathered_.address(), factors_.address(), blocks_.products, units_, own.address()});
    if (double* scale = blocks_.scale_in(own.address()))
      launch(Space{}, stream_, "jetpinn::scale_gradients", units_, ScaleGradientItem{product, blocks_.products, scale});
    if (double* slope = blocks_.slope_in(own.address()))
      sum_columns<double, Space>(stream_, "jetpinn::slope_gradient", blocks_.products, 1, product, partial_, Own(slope));
  }

  std::unique_ptr<JetModule<A>> module(const ModuleSetting<A>& setting) override { return plain_->module(setting); }

 private:
  const FactorBlocks blocks_;
  const Stream stream_;
  const std::int64_t units_, size_;
  std::unique_ptr<JetLayer<A>> plain_;
  Pointer<double, Space> factors_;                       // [units + 1] of what was loaded last
  Pointer<double, Space> loaded_, products_, gathered_;  // [size] parameters; what they make; gradient by that
  Pointer<double, Space> partial_;                       // scratch of sums
};

}  // namespace

const ParameterBlock* slope_of(const Network& network, const Layer& layer) {
  const bool has_bias = layer.kind == "activation";
  return (has_bias ? network.layers[static_cast<std::size_t>(layer.inputs[0])] : layer).block("slope");
}

bool factorised(const Network& network, const Layer& layer) { return layer.block("scale") || slope_of(network, layer); }

std::vector<double> multiply_factors(const Network& network, const Layer& layer, const double* own) {
  std::vector<double> result(own, own + size_of(layer));
  if (!factorised(network, layer)) return result;
  const FactorBlocks blocks(network, layer);
  const Factors factors = factors_of(blocks, layer, own);
  for (std::int64_t i = 0; i < blocks.products; ++i)
    result[static_cast<std::size_t>(i)] *= factors.slope * factors.columns[static_cast<std::size_t>(i % layer.units)];
  return result;
}

template <class A>
std::unique_ptr<JetLayer<A>> make_factorised(const LayerSetting<A>& setting, std::unique_ptr<JetLayer<A>> plain) {
  return std::make_unique<FactorisedLayer<A>>(setting, std::move(plain));
}

template std::unique_ptr<JetLayer<HostFp32>> make_factorised<HostFp32>(const LayerSetting<HostFp32>&,
                                                                 std::unique_ptr<JetLayer<HostFp32>>);
template std::unique_ptr<JetLayer<HostBf16>> make_factorised<HostBf16>(const LayerSetting<HostBf16>&,
                                                                       std::unique_ptr<JetLayer<HostBf16>>);
#define JETPINN_INSTANTIATE(A) \
  template std::unique_ptr<JetLayer<A>> make_factorised<A>(const LayerSetting<A>&, std::unique_ptr<JetLayer<A>>);
JETPINN_FOR_DEVICES(JETPINN_INSTANTIATE)
#undef JETPINN_INSTANTIATE
template std::unique_ptr<JetLayer<HostFp64>> make_factorised<HostFp64>(const LayerSetting<HostFp64>&,
                                                                   std::unique_ptr<JetLayer<HostFp64>>);

}  // namespace jetpinn
