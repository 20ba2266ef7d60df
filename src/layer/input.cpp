// The first matrix: z = x W for the network's features x, whose jets are known in closed form and mostly the same for all
// points. What no point changes costs one row instead of a product.
#include "jetpinn/kernels/edge_layers.hpp"
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/layer/feature_columns.hpp"
#include "jetpinn/layer/jet_layer.hpp"
#include "jetpinn/layer/padded_rows.hpp"
#include "jetpinn/layer/twin.hpp"

#include <ATen/core/Tensor.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/stack.h>

namespace jetpinn {
namespace {

template <class A>
struct Weights {
  std::int64_t features = 0, width = 0;
  Place<A> values = nullptr;     // [features, width]
  SumPlace<A> gradient = nullptr;
  Place<A> direction = nullptr;  // made where it is asked for
};

std::vector<Feature> features_of(const Network& network, const Layer& layer) {
  const auto first = network.features.begin() + static_cast<std::ptrdiff_t>(layer.first_feature);
  return {first, first + static_cast<std::ptrdiff_t>(layer.input_units)};
}

template <class A>
class InputModule : public JetModule<A> {
 public:
  using T = typename A::Storage;

  InputModule(const std::vector<Feature>& features, Weights<A>& weights, const ModuleSetting<A>& setting)
      : weights_(weights),
        columns_(features, setting.program, setting.points, setting.size.chunk, setting.pool),
        value_(setting.value),
        adjoint_(setting.adjoint),
        tangent_(setting.tangent),
        channels_(setting.channels()) {}

  void begin_chunk(Stream stream, std::int64_t points) override { columns_.evaluate(stream, points); }
  void forward(Stream stream, TileRange tile) override {
    input_forward<T>(stream, {tile.points, weights_.width}, columns_.jets(tile.first), weights_.values, value_.at(tile));
  }
  void reverse(Stream stream, TileRange tile) override {
    input_reverse<T>(stream, {tile.points, weights_.width}, columns_.jets(tile.first), adjoint_.at(tile), weights_.gradient);
  }

  // dz = x dW: features do not change.
  void tangent(Stream stream, TileRange tile) override {
    input_forward<T>(stream, {tile.points, weights_.width}, columns_.jets(tile.first), weights_.direction,
                     tangent_.at(tile));
  }

  // A multiply-add for each pair that varies and each unit; once a tile the part that no point changes.
  SweepWork forward_work() const override { return product_work(columns_.flop()); }
  SweepWork tangent_work() const override { return product_work(0); }
  SweepWork reverse_work() const override {
    SweepWork work;
    const double width = static_cast<double>(weights_.width), row = static_cast<double>(weights_.features) * width;
    const double constant = columns_.constant_channels(), varying = columns_.varying();
    work.point.activation = {(constant + 2 * varying) * width, (constant + varying) * width * sizeof(T)};
    work.tile.activation = {2 * constant * row, 2 * row * sizeof(T)};
    return work;
  }

 private:
  SweepWork product_work(double flop_of_features) const {
    SweepWork work;
    const double width = static_cast<double>(weights_.width), row = static_cast<double>(weights_.features) * width;
    work.point.activation = {2 * columns_.varying() * width + flop_of_features,
                             (channels_ * width + columns_.varying()) * sizeof(T)};
    work.tile.activation = {2.0 * channels_ * row, row * sizeof(T)};
    return work;
  }

  Weights<A>& weights_;
  FeatureColumns<A> columns_;
  const JetPlace<A> value_, adjoint_, tangent_;
  const int channels_;
};

template <class A>
class InputLayer : public JetLayer<A> {
 public:
  using T = typename A::Storage;

  explicit InputLayer(const LayerSetting<A>& setting) : network_(setting.network), layer_(setting.layer) {
    weights_.features = layer_.input_units;
    weights_.width = padded<T>(layer_.units);
    weights_.values = setting.pool.template allocate<T>(weights_.features * weights_.width);
    weights_.gradient = setting.pool.template allocate<typename A::Accumulate>(weights_.features * weights_.width);
  }
  void load(const double* own) override {
    load_rows(own, weights_.features, layer_.units, weights_.values, weights_.width);
  }
  void load_direction(const double* own) override {
    if (layer_.trained()) load_rows(own, weights_.features, layer_.units, weights_.direction, weights_.width);
  }
  void flush(double* own) override {
    flush_rows(weights_.gradient, weights_.features, layer_.units, weights_.width, own);
  }
  std::unique_ptr<JetModule<A>> module(const ModuleSetting<A>& setting) override {
    if (setting.along && !weights_.direction)
      weights_.direction = setting.pool.template allocate<T>(weights_.features * weights_.width);
    return std::make_unique<InputModule<A>>(features_of(network_, layer_), weights_, setting);
  }

 private:
  const Network& network_;
  const Layer& layer_;
  Weights<A> weights_;
};

class InputKind : public LayerKindOf<InputLayer> {
 public:
  std::string name() const override { return "input"; }
  LayerNeeds needs(const Layer&) const override {
    LayerNeeds needs;
    needs.heads_pass = true;
    return needs;
  }
  at::Tensor twin(const Layer&, const TwinInput& input) const override {
    return at::matmul(at::stack(input.features, 1), input.blocks[0]);
  }
};

}  // namespace

const LayerKind& input_kind() {
  static const InputKind kind;
  return kind;
}

}  // namespace jetpinn
