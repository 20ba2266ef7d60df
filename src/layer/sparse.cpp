// Z = H W for a W of which few weights are there: the products are of these alone (kernels/sparse_rows.hpp), and so are the
// parameters, so that the others stay zero whatever trains.
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/kernels/sparse_items.hpp"
#include "jetpinn/kernels/sparse_rows.hpp"
#include "jetpinn/layer/matrix_module.hpp"
#include "jetpinn/layer/parameter_rows.hpp"
#include "jetpinn/layer/whole_matrix.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace jetpinn {
namespace {

// Of rows of jets, whole packs.
struct Widths {
  std::int64_t input = 0, output = 0;
};

template <class T>
Widths widths_of(const SparsePattern& pattern) {
  return {padded<T>(pattern.inputs), padded<T>(pattern.outputs)};
}

// A weight and its index of 8 bits are read once a tile, and again for its gradient.
template <class T>
MatrixWork work_of(std::size_t kept, const Widths& widths) {
  const double weights = static_cast<double>(kept), bytes = weights * (sizeof(T) + 1);
  return {weights, static_cast<double>(widths.input + widths.output) * sizeof(T), bytes, 2 * bytes, 0};
}

// The matrix on a host: weights in the order of its rows, and again in that of its columns for the input's adjoint.
template <class A>
class HostMatrix {
 public:
  using T = typename A::Storage;
  using Sum = typename A::Accumulate;

  HostMatrix(const SparsePattern& pattern, PoolOf<A>& pool, Stream) : widths_(widths_of<T>(pattern)) {
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

  void forward(Stream stream, std::int64_t rows, const T* x, T* y) {
    sparse_forward(stream, forward_, weights_, rows, x, widths_.input, false, y, widths_.output, scratch_);
  }
  void add_along(Stream stream, std::int64_t rows, const T* x, T* y) {
    sparse_forward(stream, forward_, direction_, rows, x, widths_.input, true, y, widths_.output, scratch_);
  }
  void backward(Stream stream, std::int64_t rows, const T* y, bool add, T* x) {
    sparse_forward(stream, backward_, transposed_, rows, y, widths_.output, add, x, widths_.input, scratch_);
  }
  void gather(Stream stream, std::int64_t rows, const T* x, const T* y) {
    sparse_gradient(stream, forward_, rows, x, widths_.input, y, widths_.output, gradient_, scratch_);
  }
  MatrixWork work() const { return work_of<T>(forward_.order.size(), widths_); }

 private:
  static void reorder(const TileRows& matrix, const double* own, T* values) {
    for (std::size_t k = 0; k < matrix.order.size(); ++k) values[k] = static_cast<T>(own[matrix.order[k]]);
  }

  const Widths widths_;
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
  using ConstOwn = typename JetLayer<A>::ConstOwn;

  DeviceMatrix(const SparsePattern& pattern, PoolOf<A>& pool, Stream stream)
      : kept_(static_cast<std::int64_t>(pattern.kept.size())), widths_(widths_of<T>(pattern)) {
    std::vector<std::int64_t> inputs, outputs;
    for (const std::int64_t place : pattern.kept) {
      inputs.push_back(place / pattern.outputs);
      outputs.push_back(place % pattern.outputs);
    }
    by_output_ = make_rows(pattern.outputs, outputs, inputs, pool, stream);
    by_input_ = make_rows(pattern.inputs, inputs, outputs, pool, stream);
    input_ = upload<Space>(stream, pool, inputs);
    output_ = upload<Space>(stream, pool, outputs);
    weights_ = pool.template allocate<T>(kept_);
    gradient_ = pool.template allocate<Sum>(kept_);
  }
  void load(Stream stream, ConstOwn own) { load_rows(stream, own, shape(), weights_); }
  void make_direction(PoolOf<A>& pool) {
    if (!direction_) direction_ = pool.template allocate<T>(kept_);
  }
  void load_direction(Stream stream, ConstOwn own) { load_rows(stream, own, shape(), direction_); }
  void flush(Stream stream, typename JetLayer<A>::Own own) { flush_rows(stream, gradient_, shape(), own); }

  void forward(Stream stream, std::int64_t rows, ConstPlace<A> x, Place<A> y) {
    multiply(stream, "jetpinn::sparse_forward", by_output_, weights_, rows, x, widths_.input, false, y, widths_.output);
  }
  void add_along(Stream stream, std::int64_t rows, ConstPlace<A> x, Place<A> y) {
    multiply(stream, "jetpinn::sparse_tangent", by_output_, direction_, rows, x, widths_.input, true, y, widths_.output);
  }
  void backward(Stream stream, std::int64_t rows, ConstPlace<A> y, bool add, Place<A> x) {
    multiply(stream, "jetpinn::sparse_reverse", by_input_, weights_, rows, y, widths_.output, add, x, widths_.input);
  }
  void gather(Stream stream, std::int64_t rows, ConstPlace<A> x, ConstPlace<A> y) {
    launch(Space{}, stream, "jetpinn::sparse_gradient", kept_,
           SparseGradientItem<T, Sum>{input_.address(), output_.address(), rows, x.address(), widths_.input, y.address(),
                                      widths_.output, gradient_.address()});
  }
  MatrixWork work() const { return work_of<T>(static_cast<std::size_t>(kept_), widths_); }

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
  RowShape shape() const { return {1, kept_, kept_}; }
  void multiply(Stream stream, const char* label, const EntryRows& matrix, ConstPlace<A> weights, std::int64_t rows,
                ConstPlace<A> x, std::int64_t x_width, bool add, Place<A> y, std::int64_t y_width) const {
    launch(Space{}, stream, label, rows * y_width,
           SparseForwardItem<T>{matrix, weights.address(), x.address(), x_width, add, y.address(), y_width});
  }

  const std::int64_t kept_;
  const Widths widths_;
  EntryRows by_output_, by_input_;
  Table input_ = nullptr, output_ = nullptr;  // [kept]
  Place<A> weights_ = nullptr, direction_ = nullptr;  // [kept]
  SumPlace<A> gradient_ = nullptr;                    // [kept]
};

template <class A>
using Matrix = std::conditional_t<A::Space::host, HostMatrix<A>, DeviceMatrix<A>>;

template <class A>
class SparseLayer : public JetLayer<A> {
 public:
  explicit SparseLayer(const LayerSetting<A>& setting)
      : stream_(setting.stream), matrix_(*pattern_of(setting.layer), setting.pool, setting.stream) {}
  void load(typename JetLayer<A>::ConstOwn own) override { matrix_.load(stream_, own); }
  void load_direction(typename JetLayer<A>::ConstOwn own) override { matrix_.load_direction(stream_, own); }
  void flush(typename JetLayer<A>::Own own) override { matrix_.flush(stream_, own); }
  std::unique_ptr<JetModule<A>> module(const ModuleSetting<A>& setting) override {
    if (setting.along) matrix_.make_direction(setting.pool);
    return std::make_unique<MatrixModule<A, Matrix<A>>>(matrix_, setting);
  }

 private:
  const Stream stream_;
  Matrix<A> matrix_;
};

class SparseKind : public LayerKindOf<SparseLayer> {
 public:
  std::string name() const override { return "sparse"; }
  LayerNeeds needs(const Layer&) const override { return needs_of_matrix(); }
  double product_weights(const Layer& layer) const override { return static_cast<double>(layer.blocks.front().size()); }
};

}  // namespace

const LayerKind& sparse_kind() {
  static const SparseKind kind;
  return kind;
}

}  // namespace jetpinn
