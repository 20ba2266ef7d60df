// The last matrix, a column per field: u_fc = sum_j h_cj v_fj, and the bias for the value.
#include "jetpinn/kernels/activation_tangent.hpp"
#include "jetpinn/kernels/device_edges.hpp"
#include "jetpinn/kernels/device_jets.hpp"
#include "jetpinn/kernels/edge_layers.hpp"
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/layer/jet_layer.hpp"
#include "jetpinn/layer/staged.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

template <class A>
struct Columns {
  using Values = Staged<typename A::Storage, typename A::Space>;
  using Sums = Staged<typename A::Accumulate, typename A::Space>;
  std::int64_t fields = 0, width = 0;
  std::int64_t first = 0;                     // column of its first field among the outputs
  Values weights, bias;                       // [fields, width], [fields]
  Sums weight_gradient, bias_gradient;
  Values direction, bias_direction, no_bias;  // as these; made where they are asked for
};

// Reads V values a unit forward, as many again with their adjoints in reverse.
template <class A>
class OutputModule : public JetModule<A> {
 public:
  using T = typename A::Storage;

  OutputModule(Columns<A>& columns, const ModuleSetting<A>& setting)
      : columns_(columns),
        input_(setting.inputs[0]),
        fields_(setting.fields.from(columns.first * setting.channels())),
        channels_(setting.channels()) {
    if (setting.along) other_ = setting.pool.template allocate<T>(columns.fields * channels_ * setting.size.tile);
    if constexpr (!A::Space::host)
      partial_ = setting.pool.template allocate<T>(
          output_reverse_scratch({setting.size.tile, columns.width}, channels_, fields()));
  }

  void forward(Stream stream, TileRange tile) override {
    output_forward<T>(stream, shape(tile), channels_, fields(), columns_.weights.there(), columns_.bias.there(),
                      input_.value.at(tile), fields_.values + tile.first, fields_.stride);
  }
  void reverse(Stream stream, TileRange tile) override {
    const auto run = [&](auto... scratch) {
      output_reverse<T>(stream, shape(tile), channels_, fields(), columns_.weights.there(), input_.restored.at(tile),
                        fields_.adjoints + tile.first, fields_.stride, input_.adjoint.at(tile),
                        columns_.weight_gradient.there(), columns_.bias_gradient.there(), scratch...);
    };
    if constexpr (A::Space::host) run();
    else run(partial_);
  }

  // du = dH v + H dv, and the bias's for the value
  void tangent(Stream stream, TileRange tile) override {
    output_forward<T>(stream, shape(tile), channels_, fields(), columns_.weights.there(), columns_.bias_direction.there(),
                      input_.tangent.at(tile), fields_.tangents + tile.first, fields_.stride);
    output_forward<T>(stream, shape(tile), channels_, fields(), columns_.direction.there(), columns_.no_bias.there(),
                      input_.value.at(tile), other_, tile.points);
    for (int k = 0; k < fields() * channels_; ++k)
      add_scaled<T>(stream, tile.points, T(1), other_ + k * tile.points,
                    fields_.tangents + k * fields_.stride + tile.first);
  }

  SweepWork forward_work() const override { return work(1); }
  SweepWork reverse_work() const override { return work(2); }
  SweepWork tangent_work() const override { return work(2); }

 private:
  JetTile shape(TileRange tile) const { return {tile.points, columns_.width}; }
  int fields() const { return static_cast<int>(columns_.fields); }
  SweepWork work(int ways) const {
    SweepWork work;
    const double F = static_cast<double>(columns_.fields), width = static_cast<double>(columns_.width);
    work.point.activation = {2.0 * ways * channels_ * F * width, channels_ * (ways * width + F) * sizeof(T)};
    return work;
  }

  Columns<A>& columns_;
  const JetInput<A> input_;
  const FieldColumns<A> fields_;
  const int channels_;
  Place<A> other_ = nullptr;    // [fields, channels, tile] scratch of tangents
  Place<A> partial_ = nullptr;  // a device's of sums
};

template <class A>
class OutputLayer : public JetLayer<A> {
 public:
  using T = typename A::Storage;

  explicit OutputLayer(const LayerSetting<A>& setting) : layer_(setting.layer), stream_(setting.stream) {
    columns_.fields = layer_.units;
    columns_.first = layer_.first_column;
    columns_.width = padded<T>(layer_.input_units);
    columns_.weights.allocate(setting.pool, columns_.fields * columns_.width);
    columns_.weight_gradient.allocate(setting.pool, columns_.fields * columns_.width);
    columns_.bias.allocate(setting.pool, columns_.fields);
    columns_.bias_gradient.allocate(setting.pool, columns_.fields);
  }
  void load(const double* own) override { load(own, columns_.weights, columns_.bias); }
  void load_direction(const double* own) override { load(own, columns_.direction, columns_.bias_direction); }
  void flush(double* own) override {
    columns_.weight_gradient.fetch(stream_);
    columns_.bias_gradient.fetch(stream_);
    double* bias = own + layer_.input_units * layer_.units;
    for (std::int64_t f = 0; f < columns_.fields; ++f) {
      auto* row = columns_.weight_gradient.here() + f * columns_.width;
      for (std::int64_t j = 0; j < layer_.input_units; ++j) own[j * columns_.fields + f] += row[j];
      std::fill_n(row, columns_.width, typename A::Accumulate(0));
      bias[f] += columns_.bias_gradient.here()[f];
      columns_.bias_gradient.here()[f] = 0;
    }
    columns_.weight_gradient.give(stream_);
    columns_.bias_gradient.give(stream_);
  }
  std::unique_ptr<JetModule<A>> module(const ModuleSetting<A>& setting) override {
    if (setting.along && !columns_.direction.made()) {
      columns_.direction.allocate(setting.pool, columns_.fields * columns_.width);
      columns_.bias_direction.allocate(setting.pool, columns_.fields);
      columns_.no_bias.allocate(setting.pool, columns_.fields);
    }
    return std::make_unique<OutputModule<A>>(columns_, setting);
  }

 private:
  // The transposed matrix, then the bias.
  void load(const double* own, typename Columns<A>::Values& weights, typename Columns<A>::Values& biases) {
    const double* bias = own + layer_.input_units * layer_.units;
    for (std::int64_t j = 0; j < layer_.input_units; ++j)
      for (std::int64_t f = 0; f < columns_.fields; ++f)
        weights.here()[f * columns_.width + j] = static_cast<T>(own[j * columns_.fields + f]);
    for (std::int64_t f = 0; f < columns_.fields; ++f) biases.here()[f] = static_cast<T>(bias[f]);
    weights.give(stream_);
    biases.give(stream_);
  }

  const Layer& layer_;
  const Stream stream_;
  Columns<A> columns_;
};

class OutputKind : public LayerKindOf<OutputLayer> {
 public:
  std::string name() const override { return "output"; }
  LayerNeeds needs(const Layer&) const override {
    LayerNeeds needs;
    needs.values_in_reverse = true;
    return needs;
  }
};

}  // namespace

const LayerKind& output_kind() {
  static const OutputKind kind;
  return kind;
}

}  // namespace jetpinn
