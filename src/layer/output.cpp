// The last matrix, a column per field: u_fc = sum_j h_cj v_fj, and the bias for the value.
#include "jetpinn/kernels/activation_tangent.hpp"
#include "jetpinn/kernels/device_edges.hpp"
#include "jetpinn/kernels/device_jets.hpp"
#include "jetpinn/kernels/edge_layers.hpp"
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/layer/jet_layer.hpp"
#include "jetpinn/layer/parameter_rows.hpp"

namespace jetpinn {
namespace {

template <class A>
struct Columns {
  std::int64_t fields = 0, width = 0;
  std::int64_t first = 0;                     // column of its first field among the outputs
  Place<A> weights = nullptr, bias = nullptr;  // [fields, width], [fields]
  SumPlace<A> weight_gradient = nullptr, bias_gradient = nullptr;
  Place<A> direction = nullptr, bias_direction = nullptr, no_bias = nullptr;  // as these; made where they are asked for
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
    output_forward<T>(stream, shape(tile), channels_, fields(), columns_.weights, columns_.bias, input_.value.at(tile),
                      fields_.values + tile.first, fields_.stride);
  }
  void reverse(Stream stream, TileRange tile) override {
    const auto run = [&](auto... scratch) {
      output_reverse<T>(stream, shape(tile), channels_, fields(), columns_.weights, input_.restored.at(tile),
                        fields_.adjoints + tile.first, fields_.stride, input_.adjoint.at(tile), columns_.weight_gradient,
                        columns_.bias_gradient, scratch...);
    };
    if constexpr (A::Space::host) run();
    else run(partial_);
  }

  // du = dH v + H dv, and the bias's for the value
  void tangent(Stream stream, TileRange tile) override {
    output_forward<T>(stream, shape(tile), channels_, fields(), columns_.weights, columns_.bias_direction,
                      input_.tangent.at(tile), fields_.tangents + tile.first, fields_.stride);
    output_forward<T>(stream, shape(tile), channels_, fields(), columns_.direction, columns_.no_bias, input_.value.at(tile),
                      other_, tile.points);
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
  using Sum = typename A::Accumulate;

  explicit OutputLayer(const LayerSetting<A>& setting) : layer_(setting.layer), stream_(setting.stream) {
    columns_.fields = layer_.units;
    columns_.first = layer_.first_column;
    columns_.width = padded<T>(layer_.input_units);
    columns_.weights = setting.pool.template allocate<T>(columns_.fields * columns_.width);
    columns_.weight_gradient = setting.pool.template allocate<Sum>(columns_.fields * columns_.width);
    columns_.bias = setting.pool.template allocate<T>(columns_.fields);
    columns_.bias_gradient = setting.pool.template allocate<Sum>(columns_.fields);
  }
  void load(typename JetLayer<A>::ConstOwn own) override { load(own, columns_.weights, columns_.bias); }
  void load_direction(typename JetLayer<A>::ConstOwn own) override {
    load(own, columns_.direction, columns_.bias_direction);
  }
  void flush(typename JetLayer<A>::Own own) override {
    flush_rows(stream_, columns_.weight_gradient, matrix(), own);
    flush_rows(stream_, columns_.bias_gradient, bias(), own + layer_.input_units * layer_.units);
  }
  std::unique_ptr<JetModule<A>> module(const ModuleSetting<A>& setting) override {
    if (setting.along && !columns_.direction) {
      columns_.direction = setting.pool.template allocate<T>(columns_.fields * columns_.width);
      columns_.bias_direction = setting.pool.template allocate<T>(columns_.fields);
      columns_.no_bias = setting.pool.template allocate<T>(columns_.fields);
    }
    return std::make_unique<OutputModule<A>>(columns_, setting);
  }

 private:
  // The transposed matrix, then the bias.
  void load(typename JetLayer<A>::ConstOwn own, Place<A> weights, Place<A> biases) {
    load_rows(stream_, own, matrix(), weights);
    load_rows(stream_, own + layer_.input_units * layer_.units, bias(), biases);
  }
  RowShape matrix() const { return {columns_.fields, layer_.input_units, columns_.width, 1, columns_.fields}; }
  RowShape bias() const { return {1, columns_.fields, columns_.fields}; }

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
