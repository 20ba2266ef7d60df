// Matrix products of dense layers behind one small interface; the back end is chosen per shape
// and type by a short measurement.
//
// All matrices are row-major with leading dimensions. A layer with weights W [k, n] needs
//   forward          Z [rows, n]  = H [rows, k] W
//   input gradient   H̄ [rows, k]  = Z̄ [rows, n] Wᵀ
//   weight gradient  W̄ [k, n]    += Hᵀ Z̄
// The input gradient is a multiply by a transposed copy of W: libxsmm has no transposed left factor.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace jetpinn {

enum class ProductKind { multiply, accumulate, add };  // C = A B, C += Aᵀ B, C += A B
const char* to_string(ProductKind);

struct ProductShape {
  ProductKind kind = ProductKind::multiply;
  std::int64_t k = 0, n = 0;               // multiply, add: A [rows, k], B [k, n], C [rows, n]; accumulate: A
                                           // [rows, k], B [rows, n], C [k, n]
  std::int64_t lda = 0, ldb = 0, ldc = 0;  // leading dimensions of A, B and C
  double flop(std::int64_t rows) const {
    return 2.0 * static_cast<double>(rows) * static_cast<double>(k) * static_cast<double>(n);
  }
};

template <class T>
class Product {
 public:
  virtual ~Product() = default;
  virtual void operator()(std::int64_t rows, const T* a, const T* b, T* c) = 0;
};

// Names of the back ends in this build, in the order of the fixed table that level `ranks` uses (the first one).
const std::vector<std::string>& product_backends();

template <class T>
std::unique_ptr<Product<T>> make_product(const std::string& backend, const ProductShape& shape);

// FLOP/s of one back end on one shape: best of repeated runs over `rows` rows that stay in cache.
template <class T>
double measure_product(const std::string& backend, const ProductShape& shape, std::int64_t rows, double seconds = 2e-3);

// Which back end serves which shape. As text: "fp32 multiply 128x128 libxsmm, fp32 accumulate 128x128 libxsmm".
class ProductChoice {
 public:
  ProductChoice() = default;
  explicit ProductChoice(const std::string& text);   // throws Error (usage) when it is not such a text
  std::string text() const;

  template <class T>
  void set(const ProductShape& shape, const std::string& backend);
  // The back end of a shape, or the first of product_backends() where none was set.
  template <class T>
  std::string backend(const ProductShape& shape) const;

  // In bf16 one back end serves all shapes (bf16_kernels.hpp), the first of bf16_backends() where none was set.
  void set_bf16(const std::string& backend);
  std::string bf16_backend() const;

  double best_rate = 0;   // FLOP/s, the largest measured; 0: not measured (not part of the text)

 private:
  std::map<std::string, std::string> backend_;
};

// The first name, unless another is clearly faster in every one of several rounds of measurement: a neighbour that
// disturbs one measurement must not change the choice, and with it the bits, of a repeated run. With the best rate
// (FLOP/s) that was measured of any.
std::pair<std::string, double> choose_backend(const std::vector<std::string>& names,
                                              const std::function<double(const std::string&)>& measure);

// Larger than what libxsmm computes in one kernel. Only such products are worth another back end: narrower ones libxsmm
// serves as fast as any (docs/performance.md), and LibTorch need not be loaded.
bool is_wide(const ProductShape& shape);
// Those that choose_products measures, in the order of product_backends().
std::vector<std::string> measured_backends(const ProductShape& shape);

// Measures shapes that leave a choice, and the largest for their rate; ranks must share one result (rank 0's text).
template <class T>
ProductChoice choose_products(const std::vector<ProductShape>& shapes, std::int64_t rows);

}  // namespace jetpinn
