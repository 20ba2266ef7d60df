// Z = H W for a whole W.
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/layer/linear_bf16.hpp"
#include "jetpinn/layer/matrix_module.hpp"
#include "jetpinn/layer/padded_rows.hpp"
#include "jetpinn/layer/parameter_rows.hpp"
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
class Matrix {
 public:
  using T = typename A::Storage;
  using Space = typename A::Space;

  using Own = typename JetLayer<A>::Own;
  using ConstOwn = typename JetLayer<A>::ConstOwn;

  Matrix(const LayerSetting<A>& setting)
      : layer_(setting.layer),
        stream_(setting.stream),
        inputs_(layer_.input_units),
        input_width_(padded<T>(layer_.input_units)),
        width_(padded<T>(layer_.units)) {
    weights_ = setting.pool.template allocate<T>(inputs_ * width_);
    gradient_ = setting.pool.template allocate<typename A::Accumulate>(inputs_ * width_);
    transposed_ = setting.pool.template allocate<T>(layer_.units * input_width_);
    if (setting.pool.planning()) return;  // a product takes time to make and nothing of the pool
    const Shapes shapes = shapes_of(layer_, pack_lanes<T>);
    const auto make = [&](const ProductShape& shape) {
      return std::make_unique<StreamProduct<T, Space>>(setting.products.template backend<T>(shape), shape);
    };
    forward_ = make(shapes.forward);
    input_gradient_ = make(shapes.input_gradient);
    weight_gradient_ = make(shapes.weight_gradient);
    if (!shares_input(setting.network, layer_)) return;
    ProductShape added = shapes.input_gradient;
    added.kind = ProductKind::add;
    added_input_gradient_ =
        std::make_unique<StreamProduct<T, Space>>(setting.products.template backend<T>(shapes.input_gradient), added);
  }

  void load(ConstOwn own) {
    load_rows(stream_, own, shape(), weights_);
    if constexpr (Space::host)
      load_rows(stream_, weights_, {layer_.units, inputs_, input_width_, 1, width_}, transposed_);
    else
      load_rows(stream_, own, {layer_.units, inputs_, input_width_, 1, layer_.units}, transposed_);
  }
  void load_direction(ConstOwn own) { load_rows(stream_, own, shape(), direction_); }
  void flush(Own own) { flush_rows(stream_, gradient_, shape(), own); }
  void make_direction(PoolOf<A>& pool) {
    if (direction_) return;
    direction_ = pool.template allocate<T>(inputs_ * width_);
    if (pool.planning()) return;
    ProductShape added = shapes_of(layer_, pack_lanes<T>).forward;
    added.kind = ProductKind::add;
    added_ = std::make_unique<StreamProduct<T, Space>>(product_backends().front(), added);
  }

  void forward(Stream stream, std::int64_t rows, ConstPlace<A> x, Place<A> y) const {
    (*forward_)(stream, rows, x, weights_, y);
  }
  void backward(Stream stream, std::int64_t rows, ConstPlace<A> y, bool add, Place<A> x) const {
    (*(add ? added_input_gradient_ : input_gradient_))(stream, rows, y, transposed_, x);
  }
  void add_along(Stream stream, std::int64_t rows, ConstPlace<A> x, Place<A> y) const {
    (*added_)(stream, rows, x, direction_, y);
  }
  void gather(Stream stream, std::int64_t rows, ConstPlace<A> x, ConstPlace<A> y) const {
    (*weight_gradient_)(stream, rows, x, y, gradient_);
  }
  // The matrix is read once a tile, its gradient twice a chunk.
  MatrixWork work() const {
    const double size = static_cast<double>(inputs_ * width_), bytes = size * sizeof(T);
    return {size, static_cast<double>(input_width_ + width_) * sizeof(T), bytes, bytes, 2 * bytes};
  }

 private:
  RowShape shape() const { return {inputs_, layer_.units, width_}; }

  using ProductHere = std::unique_ptr<StreamProduct<T, Space>>;

  const Layer& layer_;
  const Stream stream_;
  const std::int64_t inputs_, input_width_, width_;
  Place<A> weights_ = nullptr;      // [inputs, width]
  Place<A> transposed_ = nullptr;   // [outputs, input_width]
  SumPlace<A> gradient_ = nullptr;  // as weights
  ProductHere forward_, input_gradient_, weight_gradient_;
  Place<A> direction_ = nullptr;      // as weights; made where it is asked for
  ProductHere added_;                 // of H and the direction
  ProductHere added_input_gradient_;  // made where another layer reads the same input
};

template <class A>
class LinearLayer : public JetLayer<A> {
 public:
  explicit LinearLayer(const LayerSetting<A>& setting) : matrix_(setting) {}
  void load(typename JetLayer<A>::ConstOwn own) override { matrix_.load(own); }
  void load_direction(typename JetLayer<A>::ConstOwn own) override { matrix_.load_direction(own); }
  void flush(typename JetLayer<A>::Own own) override { matrix_.flush(own); }
  std::unique_ptr<JetModule<A>> module(const ModuleSetting<A>& setting) override {
    if (setting.along) matrix_.make_direction(setting.pool);
    return std::make_unique<MatrixModule<A, Matrix<A>>>(matrix_, setting);
  }

 private:
  Matrix<A> matrix_;
};

class LinearKind : public LayerKindOf<LinearLayer> {
 public:
  using LayerKindOf::make;
  std::unique_ptr<JetLayer<HostBf16>> make(const LayerSetting<HostBf16>& setting) const override {
    return make_bf16_linear(setting);
  }
  std::string name() const override { return "linear"; }
  LayerNeeds needs(const Layer&) const override { return needs_of_matrix(); }
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
