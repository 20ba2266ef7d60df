// The first matrix: z = x W for the network's features x, whose jets are known in closed form and mostly the same for all
// points. What no point changes costs one row instead of a product.
#include "jetpinn/kernels/activation_tangent.hpp"
#include "jetpinn/kernels/device_coefficients.hpp"
#include "jetpinn/kernels/device_edges.hpp"
#include "jetpinn/kernels/edge_layers.hpp"
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/layer/feature_columns.hpp"
#include "jetpinn/layer/jet_layer.hpp"
#include "jetpinn/layer/parameter_rows.hpp"

namespace jetpinn {
namespace {

template <class A>
struct Weights {
  std::int64_t features = 0, width = 0;
  Place<A> values = nullptr;  // [features, width]
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

  InputModule(const std::vector<Feature>& features, Weights<A>& weights, bool trained, const ModuleSetting<A>& setting)
      : weights_(weights),
        trained_(trained),
        columns_(features, setting.program, setting.points, setting.size.chunk, setting.pool, setting.stream),
        value_(setting.value),
        again_(setting.again),
        adjoint_(setting.adjoint),
        tangent_(setting.tangent),
        channels_(setting.channels()) {
    if constexpr (!A::Space::host) {
      partial_ = setting.pool.template allocate<T>(input_reverse_scratch({setting.size.tile, weights.width}, channels_,
                                                                         static_cast<int>(columns_.varying())));
      if (columns_.reverse_pairs() > 0)
        coefficient_partial_ =
            setting.pool.template allocate<double>(coefficient_scratch({setting.size.tile, weights.width}));
    }
    if (columns_.changes()) other_ = setting.pool.template allocate<T>(channels_ * setting.size.tile * weights_.width);
  }

  void begin_chunk(Stream stream, std::int64_t points) override { columns_.evaluate(stream, points); }
  void begin_tangent(Stream stream, std::int64_t points) override {
    if (columns_.changes()) columns_.evaluate_changes(stream, points);
  }
  void forward(Stream stream, TileRange tile) override { multiply(stream, tile, value_); }
  void again(Stream stream, TileRange tile) override { multiply(stream, tile, again_); }
  void reverse(Stream stream, TileRange tile) override {
    const JetTile shape{tile.points, weights_.width};
    columns_.reverse(stream, tile, weights_.width, weights_.values, adjoint_.at(tile), coefficient_partial_);
    if (!trained_) return;
    if constexpr (A::Space::host) {
      input_reverse<T>(stream, shape, columns_.jets(tile.first), adjoint_.at(tile), weights_.gradient);
    } else {
      input_reverse<T>(stream, shape, columns_.jets(tile.first), adjoint_.at(tile), weights_.gradient, partial_);
    }
  }

  // dz = x dW, and dx W where coefficients in the features' jets change.
  void tangent(Stream stream, TileRange tile) override {
    const JetTile shape{tile.points, weights_.width};
    input_forward<T>(stream, shape, columns_.jets(tile.first), weights_.direction, tangent_.at(tile));
    if (!columns_.changes()) return;
    input_forward<T>(stream, shape, columns_.jet_changes(tile.first), weights_.values, other_);
    add_scaled<T>(stream, channels_ * tile.points * weights_.width, T(1), other_, tangent_.at(tile));
  }

  // A multiply-add for each pair that varies and each unit; once a tile the part that no point changes.
  SweepWork forward_work() const override { return product_work(columns_.flop()); }
  SweepWork tangent_work() const override { return product_work(0); }
  SweepWork reverse_work() const override {
    SweepWork work;
    const double width = static_cast<double>(weights_.width), row = static_cast<double>(weights_.features) * width;
    const double constant = columns_.constant_channels(), varying = columns_.varying(), pairs = columns_.reverse_pairs();
    if (trained_) {
      work.point.activation = {(constant + 2 * varying) * width, (constant + varying) * width * sizeof(T)};
      work.tile.activation = {2 * constant * row, 2 * row * sizeof(T)};
    }
    work.point.activation.flop += 2 * pairs * width;
    work.point.activation.bytes += pairs * width * sizeof(T);
    return work;
  }

 private:
  void multiply(Stream stream, TileRange tile, const JetPlace<A>& z) const {
    input_forward<T>(stream, {tile.points, weights_.width}, columns_.jets(tile.first), weights_.values, z.at(tile));
  }
  SweepWork product_work(double flop_of_features) const {
    SweepWork work;
    const double width = static_cast<double>(weights_.width), row = static_cast<double>(weights_.features) * width;
    work.point.activation = {2 * columns_.varying() * width + flop_of_features,
                             (channels_ * width + columns_.varying()) * sizeof(T)};
    work.tile.activation = {2.0 * channels_ * row, row * sizeof(T)};
    return work;
  }

  Weights<A>& weights_;
  const bool trained_;   // frequencies of Fourier features are not: coefficients alone want their reverse
  FeatureColumns<A> columns_;
  const JetPlace<A> value_, again_, adjoint_, tangent_;
  const int channels_;
  Place<A> partial_ = nullptr;   // a device's scratch of sums
  Place<A> other_ = nullptr;     // [channels, tile, width] scratch of tangents
  Pointer<double, typename A::Space> coefficient_partial_ = nullptr;  // a device's scratch of sums for coefficients
};

template <class A>
class InputLayer : public JetLayer<A> {
 public:
  using T = typename A::Storage;

  explicit InputLayer(const LayerSetting<A>& setting)
      : network_(setting.network), layer_(setting.layer), stream_(setting.stream) {
    weights_.features = layer_.input_units;
    weights_.width = padded<T>(layer_.units);
    weights_.values = setting.pool.template allocate<T>(weights_.features * weights_.width);
    weights_.gradient = setting.pool.template allocate<typename A::Accumulate>(weights_.features * weights_.width);
  }
  void load(typename JetLayer<A>::ConstOwn own) override { load_rows(stream_, own, shape(), weights_.values); }
  void load_direction(typename JetLayer<A>::ConstOwn own) override {
    if (layer_.trained()) load_rows(stream_, own, shape(), weights_.direction);
  }
  void flush(typename JetLayer<A>::Own own) override { flush_rows(stream_, weights_.gradient, shape(), own); }
  std::unique_ptr<JetModule<A>> module(const ModuleSetting<A>& setting) override {
    if (setting.along && !weights_.direction)
      weights_.direction = setting.pool.template allocate<T>(weights_.features * weights_.width);
    return std::make_unique<InputModule<A>>(features_of(network_, layer_), weights_, layer_.trained(), setting);
  }

 private:
  RowShape shape() const { return {weights_.features, layer_.units, weights_.width}; }

  const Network& network_;
  const Layer& layer_;
  const Stream stream_;
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
};

}  // namespace

const LayerKind& input_kind() {
  static const InputKind kind;
  return kind;
}

}  // namespace jetpinn
