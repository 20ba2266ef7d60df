// Z = H W for a whole W on rows kept in bf16. Rows and the matrix are multiplied as integers with shared exponents, whose
// sums are exact (runtime/bf16_kernels.hpp); the gradient of W adds up in fp32.
#include "jetpinn/layer/linear_bf16.hpp"
#include "jetpinn/kernels/pack.hpp"
#include "jetpinn/layer/matrix_module.hpp"
#include "jetpinn/layer/parameter_rows.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace jetpinn {
namespace {

class Bf16Matrix {
 public:
  explicit Bf16Matrix(const LayerSetting<HostBf16>& setting)
      : inputs_(setting.layer.input_units),
        outputs_(setting.layer.units),
        input_width_(padded<float>(inputs_)),
        width_(padded<float>(outputs_)) {
    weights_ = allocate(inputs_, width_, setting.pool);
    transposed_ = allocate(outputs_, input_width_, setting.pool);
    column_scales_ = setting.pool.allocate<float>(width_);
    gradient_ = setting.pool.allocate<float>(inputs_ * width_);
    if (!setting.pool.planning()) kernels_ = &bf16_kernels(setting.products.bf16_backend());
  }

  void load(const double* own) {
    padded_.assign(static_cast<std::size_t>(inputs_ * width_), 0.0);
    for (std::int64_t i = 0; i < inputs_; ++i) std::copy_n(own + i * outputs_, outputs_, padded_.data() + i * width_);
    pack_weights(inputs_, width_, padded_.data(), width_, weights_.pairs, weights_.scales);
    padded_.assign(static_cast<std::size_t>(outputs_ * input_width_), 0.0);
    for (std::int64_t j = 0; j < outputs_; ++j)
      for (std::int64_t i = 0; i < inputs_; ++i)
        padded_[static_cast<std::size_t>(j * input_width_ + i)] = own[i * outputs_ + j];
    pack_weights(outputs_, input_width_, padded_.data(), input_width_, transposed_.pairs, transposed_.scales);
  }
  void flush(double* own) { flush_rows({}, gradient_, {inputs_, outputs_, width_}, own); }
  void take_scratch(WideTiles& tiles, Pool& pool) {
    left_ = tiles.packed(0, pool);
    right_ = tiles.packed(1, pool);
  }

  void forward(Stream, std::int64_t rows, const BFloat16* x, BFloat16* y) const {
    multiply(rows, x, inputs_, input_width_, weights_, false, y, width_);
  }
  void backward(Stream, std::int64_t rows, const BFloat16* y, bool add, BFloat16* x) const {
    multiply(rows, y, outputs_, width_, transposed_, add, x, input_width_);
  }
  // The inner extent is that of the rows, some of which are packed at a time.
  void gather(Stream, std::int64_t rows, const BFloat16* x, const BFloat16* y) const {
    for (std::int64_t i = 0; i < rows; i += WideTiles::packed_rows) {
      const std::int64_t count = std::min(WideTiles::packed_rows, rows - i);
      kernels_->take_factors(count, inputs_, x + i * input_width_, input_width_, width_, y + i * width_, width_, left_,
                             right_, column_scales_);
      kernels_->accumulate(inputs_, width_, pair_steps(count), left_, right_, column_scales_, gradient_, width_);
    }
  }

  // The matrix is read once a tile; its gradient, in fp32, is read and written once for as many rows as are packed.
  MatrixWork work() const {
    const double size = static_cast<double>(inputs_ * width_), bytes = size * sizeof(BFloat16);
    return {size, static_cast<double>(input_width_ + width_) * sizeof(BFloat16), bytes, bytes, 2 * size * sizeof(float)};
  }

 private:
  struct Packed {
    IntegerPair* pairs = nullptr;  // [inner extent, columns]
    float* scales = nullptr;       // [columns]
  };
  static Packed allocate(std::int64_t inner, std::int64_t columns, Pool& pool) {
    return {pool.allocate<IntegerPair>(packed_pairs(inner, columns)), pool.allocate<float>(columns)};
  }
  void multiply(std::int64_t rows, const BFloat16* x, std::int64_t inner, std::int64_t x_width, const Packed& matrix,
                bool add, BFloat16* y, std::int64_t y_width) const {
    float scales[WideTiles::packed_rows];
    for (std::int64_t i = 0; i < rows; i += WideTiles::packed_rows) {
      const std::int64_t count = std::min(WideTiles::packed_rows, rows - i);
      kernels_->take_rows(count, inner, x + i * x_width, x_width, left_, scales);
      kernels_->multiply(count, pair_steps(inner), y_width, left_, scales, matrix.pairs, matrix.scales, add, y + i * y_width,
                         y_width);
    }
  }

  const std::int64_t inputs_, outputs_, input_width_, width_;
  const Bf16Kernels* kernels_ = nullptr;            // null: planned only
  Packed weights_, transposed_;                     // [inputs, width], [outputs, input_width]
  float* column_scales_ = nullptr;                  // [width] scratch
  float* gradient_ = nullptr;                       // [inputs, width]
  IntegerPair *left_ = nullptr, *right_ = nullptr;  // scratch of rows as integers
  std::vector<double> padded_;                      // what is loaded, before it is packed
};

class Bf16LinearLayer : public JetLayer<HostBf16> {
 public:
  explicit Bf16LinearLayer(const LayerSetting<HostBf16>& setting) : matrix_(setting) {}
  void load(const double* own) override { matrix_.load(own); }
  void flush(double* own) override { matrix_.flush(own); }
  std::unique_ptr<JetModule<HostBf16>> module(const ModuleSetting<HostBf16>& setting) override {
    matrix_.take_scratch(*setting.tiles, setting.pool);
    return std::make_unique<MatrixModule<HostBf16, Bf16Matrix>>(matrix_, setting);
  }

 private:
  Bf16Matrix matrix_;
};

}  // namespace

std::unique_ptr<JetLayer<HostBf16>> make_bf16_linear(const LayerSetting<HostBf16>& setting) {
  return std::make_unique<Bf16LinearLayer>(setting);
}

}  // namespace jetpinn
