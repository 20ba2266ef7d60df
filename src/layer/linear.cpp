// Z = H W: every channel of a jet goes through the same matrix. The three products of a layer are most of a wide network's
// work.
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/layer/jet_layer.hpp"
#include "jetpinn/layer/padded_rows.hpp"
#include "jetpinn/layer/staged.hpp"
#include "jetpinn/runtime/stream_product.hpp"

#include <algorithm>

namespace jetpinn {
namespace {

struct Shapes {
  ProductShape forward, input_gradient, weight_gradient;
};

Shapes shapes_of(const Layer& layer, int lanes) {
  const std::int64_t m = layer.input_units, n = layer.units, m_padded = whole_packs(m, lanes),
                     n_padded = whole_packs(n, lanes);
  return {{ProductKind::multiply, m, n_padded, m_padded, n_padded, n_padded},
          {ProductKind::multiply, n, m_padded, n_padded, m_padded, m_padded},
          {ProductKind::accumulate, m, n_padded, m_padded, n_padded, n_padded}};
}

// Another layer reads its input too.
bool shares_input(const Network& network, const Layer& layer) {
  const auto reads = [&](const Layer& other) {
    return std::count(other.inputs.begin(), other.inputs.end(), layer.inputs[0]) > 0;
  };
  return std::count_if(network.layers.begin(), network.layers.end(), reads) > 1;
}

template <class A>
struct Matrix {
  using T = typename A::Storage;
  using Space = typename A::Space;
  using ProductHere = std::unique_ptr<StreamProduct<T, Space>>;
  std::int64_t inputs = 0, input_width = 0, width = 0;
  Staged<T, Space> weights;                        // [inputs, width]
  Staged<T, Space> transposed;                     // [outputs, input_width]
  Staged<typename A::Accumulate, Space> gradient;  // as weights
  ProductHere forward, input_gradient, weight_gradient;
  Staged<T, Space> direction;        // as weights; made where it is asked for
  ProductHere added;                 // of H and the direction
  ProductHere added_input_gradient;  // made where another layer reads the same input
  double size() const { return static_cast<double>(inputs * width); }
};

// Per point and channel: forward reads input_width and writes width values, the input's adjoint the other way round, the
// weights' gradient reads both; the matrix once a tile, its gradient twice a chunk.
template <class A>
class LinearModule : public JetModule<A> {
 public:
  using T = typename A::Storage;

  LinearModule(Matrix<A>& matrix, const ModuleSetting<A>& setting)
      : matrix_(matrix),
        input_(setting.inputs[0]),
        value_(setting.value),
        adjoint_(setting.adjoint),
        tangent_(setting.tangent),
        channels_(setting.channels()) {}

  // Z = H W
  void forward(Stream stream, TileRange tile) override {
    (*matrix_.forward)(stream, channels_ * tile.points, input_.value.at(tile), matrix_.weights.there(), value_.at(tile));
  }
  // H̄ = Z̄ Wᵀ, or H̄ += Z̄ Wᵀ
  void reverse(Stream stream, TileRange tile) override {
    if (!input_.adjoint.data) return;
    const auto& product = input_.adds ? *matrix_.added_input_gradient : *matrix_.input_gradient;
    product(stream, channels_ * tile.points, adjoint_.at(tile), matrix_.transposed.there(), input_.adjoint.at(tile));
  }
  // dZ = dH W + H dW
  void tangent(Stream stream, TileRange tile) override {
    const std::int64_t rows = channels_ * tile.points;
    (*matrix_.forward)(stream, rows, input_.tangent.at(tile), matrix_.weights.there(), tangent_.at(tile));
    (*matrix_.added)(stream, rows, input_.value.at(tile), matrix_.direction.there(), tangent_.at(tile));
  }
  // W̄ += Hᵀ Z̄
  void gather(Stream stream, std::int64_t points) override {
    (*matrix_.weight_gradient)(stream, channels_ * points, input_.restored.data, adjoint_.data, matrix_.gradient.there());
  }

  Region region() const override { return Region::product; }
  SweepWork forward_work() const override {
    SweepWork work;
    work.point.product = {2.0 * channels_ * matrix_.size(), channels_ * row_bytes()};
    work.tile.product.bytes = matrix_.size() * sizeof(T);
    return work;
  }
  SweepWork reverse_work() const override {
    SweepWork work;
    work.point.product = {4.0 * channels_ * matrix_.size(), 2.0 * channels_ * row_bytes()};
    work.tile.product.bytes = matrix_.size() * sizeof(T);
    work.chunk.product.bytes = 2 * matrix_.size() * sizeof(T);
    return work;
  }
  SweepWork tangent_work() const override {
    SweepWork work;
    work.point.product = {4.0 * channels_ * matrix_.size(), 2.0 * channels_ * row_bytes()};
    work.tile.product.bytes = 2 * matrix_.size() * sizeof(T);
    return work;
  }

 private:
  double row_bytes() const { return static_cast<double>(matrix_.input_width + matrix_.width) * sizeof(T); }

  Matrix<A>& matrix_;
  const JetInput<A> input_;
  const JetPlace<A> value_, adjoint_, tangent_;
  const int channels_;
};

template <class A>
class LinearLayer : public JetLayer<A> {
 public:
  using T = typename A::Storage;
  using Space = typename A::Space;

  explicit LinearLayer(const LayerSetting<A>& setting) : layer_(setting.layer), stream_(setting.stream) {
    matrix_.inputs = layer_.input_units;
    matrix_.input_width = padded<T>(layer_.input_units);
    matrix_.width = padded<T>(layer_.units);
    matrix_.weights.allocate(setting.pool, matrix_.inputs * matrix_.width);
    matrix_.gradient.allocate(setting.pool, matrix_.inputs * matrix_.width);
    matrix_.transposed.allocate(setting.pool, layer_.units * matrix_.input_width);
    if (setting.pool.planning()) return;  // a product takes time to make and nothing of the pool
    const Shapes shapes = shapes_of(layer_, pack_lanes<T>);
    const auto make = [&](const ProductShape& shape) {
      return std::make_unique<StreamProduct<T, Space>>(setting.products.template backend<T>(shape), shape);
    };
    matrix_.forward = make(shapes.forward);
    matrix_.input_gradient = make(shapes.input_gradient);
    matrix_.weight_gradient = make(shapes.weight_gradient);
    if (!shares_input(setting.network, layer_)) return;
    ProductShape added = shapes.input_gradient;
    added.kind = ProductKind::add;
    matrix_.added_input_gradient =
        std::make_unique<StreamProduct<T, Space>>(setting.products.template backend<T>(shapes.input_gradient), added);
  }

  void load(const double* own) override {
    load_rows(own, matrix_.inputs, layer_.units, matrix_.weights, matrix_.width, stream_);
    const T* weights = matrix_.weights.here();
    T* transposed = matrix_.transposed.here();
    // In the copy's own order: strided reads are cheaper than strided writes.
    for (std::int64_t j = 0; j < layer_.units; ++j)
      for (std::int64_t i = 0; i < matrix_.inputs; ++i)
        transposed[j * matrix_.input_width + i] = weights[i * matrix_.width + j];
    matrix_.transposed.give(stream_);
  }

  void load_direction(const double* own) override {
    load_rows(own, matrix_.inputs, layer_.units, matrix_.direction, matrix_.width, stream_);
  }

  void flush(double* own) override {
    flush_rows(matrix_.gradient, matrix_.inputs, layer_.units, matrix_.width, own, stream_);
  }

  std::unique_ptr<JetModule<A>> module(const ModuleSetting<A>& setting) override {
    if (setting.along && !matrix_.direction.made()) {
      matrix_.direction.allocate(setting.pool, matrix_.inputs * matrix_.width);
      if (setting.pool.planning()) return std::make_unique<LinearModule<A>>(matrix_, setting);
      ProductShape added = shapes_of(layer_, pack_lanes<T>).forward;
      added.kind = ProductKind::add;
      matrix_.added = std::make_unique<StreamProduct<T, Space>>(product_backends().front(), added);
    }
    return std::make_unique<LinearModule<A>>(matrix_, setting);
  }

 private:
  const Layer& layer_;
  const Stream stream_;
  Matrix<A> matrix_;
};

class LinearKind : public LayerKindOf<LinearLayer> {
 public:
  std::string name() const override { return "linear"; }
  LayerNeeds needs(const Layer&) const override {
    LayerNeeds needs;
    needs.heads_pass = needs.values_in_gather = true;
    return needs;
  }
  std::vector<ProductShape> products(const Layer& layer, int lanes) const override {
    const Shapes shapes = shapes_of(layer, lanes);
    return {shapes.forward, shapes.input_gradient, shapes.weight_gradient};
  }
  double product_weights(const Layer& layer) const override { return static_cast<double>(layer.input_units * layer.units); }
};

}  // namespace

const LayerKind& linear_kind() {
  static const LinearKind kind;
  return kind;
}

}  // namespace jetpinn
