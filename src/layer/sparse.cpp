// Z = H W for a W of which few weights are there: the products are of these alone (kernels/sparse_rows.hpp), and so are the
// parameters, so that the others stay zero whatever trains.
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/kernels/sparse_items.hpp"
#include "jetpinn/kernels/sparse_rows.hpp"
#include "jetpinn/layer/jet_layer.hpp"
#include "jetpinn/layer/staged.hpp"
#include "jetpinn/layer/whole_matrix.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace jetpinn {
namespace {

// The matrix on a host: weights in the order of its rows, and again in that of its columns for the input's adjoint.
template <class A>
class HostMatrix {
 public:
  using T = typename A::Storage;
  using Sum = typename A::Accumulate;

  HostMatrix(const SparsePattern& pattern, PoolOf<A>& pool, Stream) {
    const auto kept = static_cast<std::int64_t>(pattern.kept.size());
    forward_ = tile_rows(pattern);
    backward_ = tile_rows(pattern, true);
    weights_ = pool.template allocate<T>(kept);
    transposed_ = pool.template allocate<T>(kept);
    gradient_ = pool.template allocate<Sum>(kept);
    scratch_ = pool.template allocate<T>(sparse_scratch<T>(forward_));
  }
  void load(Stream, const double* own) {
    reorder(forward_, own, weights_);
    reorder(backward_, own, transposed_);
  }
  void make_direction(PoolOf<A>& pool) {
    if (!direction_) direction_ = pool.template allocate<T>(static_cast<std::int64_t>(forward_.order.size()));
  }
  void load_direction(Stream, const double* own) { reorder(forward_, own, direction_); }
  void flush(Stream, double* own) {
    for (std::size_t k = 0; k < forward_.order.size(); ++k) own[forward_.order[k]] += gradient_[k];
    std::fill_n(gradient_, forward_.order.size(), Sum(0));
  }

  void forward(Stream stream, std::int64_t rows, const T* x, std::int64_t x_width, T* y, std::int64_t y_width) {
    sparse_forward(stream, forward_, weights_, rows, x, x_width, false, y, y_width, scratch_);
  }
  void add_along(Stream stream, std::int64_t rows, const T* x, std::int64_t x_width, T* y, std::int64_t y_width) {
    sparse_forward(stream, forward_, direction_, rows, x, x_width, true, y, y_width, scratch_);
  }
  void backward(Stream stream, std::int64_t rows, const T* y, std::int64_t y_width, bool add, T* x, std::int64_t x_width) {
    sparse_forward(stream, backward_, transposed_, rows, y, y_width, add, x, x_width, scratch_);
  }
  void gather(Stream stream, std::int64_t rows, const T* x, std::int64_t x_width, const T* y, std::int64_t y_width) {
    sparse_gradient(stream, forward_, rows, x, x_width, y, y_width, gradient_, scratch_);
  }

 private:
  static void reorder(const TileRows& matrix, const double* own, T* values) {
    for (std::size_t k = 0; k < matrix.order.size(); ++k) values[k] = static_cast<T>(own[matrix.order[k]]);
  }

  TileRows forward_, backward_;
  T *weights_ = nullptr, *transposed_ = nullptr, *direction_ = nullptr;  // [kept]
  Sum* gradient_ = nullptr;                                              // [kept] in the order of weights_
  T* scratch_ = nullptr;
};

// The matrix on a device: weights in the order of the pattern, and two lists of entries.
template <class A>
class DeviceMatrix {
 public:
  using T = typename A::Storage;
  using Sum = typename A::Accumulate;
  using Space = typename A::Space;

  DeviceMatrix(const SparsePattern& pattern, PoolOf<A>& pool, Stream stream)
      : kept_(static_cast<std::int64_t>(pattern.kept.size())) {
    std::vector<std::int64_t> inputs, outputs;
    for (const std::int64_t place : pattern.kept) {
      inputs.push_back(place / pattern.outputs);
      outputs.push_back(place % pattern.outputs);
    }
    by_output_ = make_rows(pattern.outputs, outputs, inputs, pool, stream);
    by_input_ = make_rows(pattern.inputs, inputs, outputs, pool, stream);
    input_ = upload<Space>(stream, pool, inputs);
    output_ = upload<Space>(stream, pool, outputs);
    weights_.allocate(pool, kept_);
    gradient_.allocate(pool, kept_);
  }
  void load(Stream stream, const double* own) { give(stream, own, weights_); }
  void make_direction(PoolOf<A>& pool) {
    if (!direction_.made()) direction_.allocate(pool, kept_);
  }
  void load_direction(Stream stream, const double* own) { give(stream, own, direction_); }
  void flush(Stream stream, double* own) { flush_rows(gradient_, 1, kept_, kept_, own, stream); }

  void forward(Stream stream, std::int64_t rows, ConstPlace<A> x, std::int64_t x_width, Place<A> y, std::int64_t y_width) {
    multiply(stream, "jetpinn::sparse_forward", by_output_, weights_, rows, x, x_width, false, y, y_width);
  }
  void add_along(Stream stream, std::int64_t rows, ConstPlace<A> x, std::int64_t x_width, Place<A> y, std::int64_t y_width) {
    multiply(stream, "jetpinn::sparse_tangent", by_output_, direction_, rows, x, x_width, true, y, y_width);
  }
  void backward(Stream stream, std::int64_t rows, ConstPlace<A> y, std::int64_t y_width, bool add, Place<A> x,
                std::int64_t x_width) {
    multiply(stream, "jetpinn::sparse_reverse", by_input_, weights_, rows, y, y_width, add, x, x_width);
  }
  void gather(Stream stream, std::int64_t rows, ConstPlace<A> x, std::int64_t x_width, ConstPlace<A> y,
              std::int64_t y_width) {
    launch(Space{}, stream, "jetpinn::sparse_gradient", kept_,
           SparseGradientItem<T, Sum>{input_.address(), output_.address(), rows, x.address(), x_width, y.address(), y_width,
                                      gradient_.there().address()});
  }

 private:
  using Table = DevicePointer<std::int64_t, Space>;

  // Entries by `row`, each with its `column`, in the order of the pattern.
  static EntryRows make_rows(std::int64_t rows, const std::vector<std::int64_t>& row,
                             const std::vector<std::int64_t>& column, PoolOf<A>& pool, Stream stream) {
    std::vector<std::int64_t> begin(static_cast<std::size_t>(rows + 1)), columns(row.size()), weights(row.size());
    for (const std::int64_t r : row) ++begin[static_cast<std::size_t>(r + 1)];
    for (std::size_t r = 1; r < begin.size(); ++r) begin[r] += begin[r - 1];
    std::vector<std::int64_t> next = begin;
    for (std::size_t k = 0; k < row.size(); ++k) {
      const auto entry = static_cast<std::size_t>(next[static_cast<std::size_t>(row[k])]++);
      columns[entry] = column[k];
      weights[entry] = static_cast<std::int64_t>(k);
    }
    const Table begins = upload<Space>(stream, pool, begin), there = upload<Space>(stream, pool, columns),
                which = upload<Space>(stream, pool, weights);
    return {rows, begins.address(), there.address(), which.address()};
  }
  void give(Stream stream, const double* own, Staged<T, Space>& values) const {
    std::transform(own, own + kept_, values.here(), [](double value) { return static_cast<T>(value); });
    values.give(stream);
  }
  void multiply(Stream stream, const char* label, const EntryRows& matrix, const Staged<T, Space>& weights,
                std::int64_t rows, ConstPlace<A> x, std::int64_t x_width, bool add, Place<A> y, std::int64_t y_width) const {
    launch(Space{}, stream, label, rows * y_width,
           SparseForwardItem<T>{matrix, weights.there().address(), x.address(), x_width, add, y.address(), y_width});
  }

  const std::int64_t kept_;
  EntryRows by_output_, by_input_;
  Table input_ = nullptr, output_ = nullptr;  // [kept]
  Staged<T, Space> weights_, direction_;      // [kept]
  Staged<Sum, Space> gradient_;               // [kept]
};

template <class A>
using Matrix = std::conditional_t<A::Space::host, HostMatrix<A>, DeviceMatrix<A>>;

// Per point and channel: 2 FLOP for each kept weight, forward and for each adjoint; forward reads input_width and writes
// width values, the input's adjoint the other way round, the weights' gradient reads both.
template <class A>
class SparseModule : public JetModule<A> {
 public:
  using T = typename A::Storage;

  SparseModule(const Layer& layer, Matrix<A>& matrix, const ModuleSetting<A>& setting)
      : matrix_(matrix),
        kept_(static_cast<double>(layer.blocks.front().size())),
        input_width_(padded<T>(layer.input_units)),
        width_(padded<T>(layer.units)),
        input_(setting.inputs[0]),
        value_(setting.value),
        adjoint_(setting.adjoint),
        tangent_(setting.tangent),
        channels_(setting.channels()) {}

  // Z = H W
  void forward(Stream stream, TileRange tile) override {
    matrix_.forward(stream, channels_ * tile.points, input_.value.at(tile), input_width_, value_.at(tile), width_);
  }
  // H̄ = Z̄ Wᵀ, or H̄ += Z̄ Wᵀ
  void reverse(Stream stream, TileRange tile) override {
    if (!input_.adjoint.data) return;
    matrix_.backward(stream, channels_ * tile.points, adjoint_.at(tile), width_, input_.adds, input_.adjoint.at(tile),
                     input_width_);
  }
  // dZ = dH W + H dW
  void tangent(Stream stream, TileRange tile) override {
    const std::int64_t rows = channels_ * tile.points;
    matrix_.forward(stream, rows, input_.tangent.at(tile), input_width_, tangent_.at(tile), width_);
    matrix_.add_along(stream, rows, input_.value.at(tile), input_width_, tangent_.at(tile), width_);
  }
  // W̄ += Hᵀ Z̄ where W has weights
  void gather(Stream stream, std::int64_t points) override {
    matrix_.gather(stream, channels_ * points, input_.restored.data, input_width_, adjoint_.data, width_);
  }

  Region region() const override { return Region::product; }
  SweepWork forward_work() const override { return work(1); }
  SweepWork reverse_work() const override { return work(2); }
  SweepWork tangent_work() const override { return work(2); }

 private:
  SweepWork work(int products) const {
    SweepWork work;
    const double row_bytes = static_cast<double>(input_width_ + width_) * sizeof(T);
    work.point.product = {2.0 * products * channels_ * kept_, products * channels_ * row_bytes};
    work.tile.product.bytes = products * kept_ * (sizeof(T) + 1);
    return work;
  }

  Matrix<A>& matrix_;
  const double kept_;
  const std::int64_t input_width_, width_;
  const JetInput<A> input_;
  const JetPlace<A> value_, adjoint_, tangent_;
  const int channels_;
};

template <class A>
class SparseLayer : public JetLayer<A> {
 public:
  explicit SparseLayer(const LayerSetting<A>& setting)
      : layer_(setting.layer), stream_(setting.stream), matrix_(*pattern_of(layer_), setting.pool, setting.stream) {}
  void load(const double* own) override { matrix_.load(stream_, own); }
  void load_direction(const double* own) override { matrix_.load_direction(stream_, own); }
  void flush(double* own) override { matrix_.flush(stream_, own); }
  std::unique_ptr<JetModule<A>> module(const ModuleSetting<A>& setting) override {
    if (setting.along) matrix_.make_direction(setting.pool);
    return std::make_unique<SparseModule<A>>(layer_, matrix_, setting);
  }

 private:
  const Layer& layer_;
  const Stream stream_;
  Matrix<A> matrix_;
};

class SparseKind : public LayerKindOf<SparseLayer> {
 public:
  std::string name() const override { return "sparse"; }
  LayerNeeds needs(const Layer&) const override {
    LayerNeeds needs;
    needs.heads_pass = needs.values_in_gather = true;
    return needs;
  }
  double product_weights(const Layer& layer) const override { return static_cast<double>(layer.blocks.front().size()); }
};

}  // namespace

const LayerKind& sparse_kind() {
  static const SparseKind kind;
  return kind;
}

}  // namespace jetpinn
