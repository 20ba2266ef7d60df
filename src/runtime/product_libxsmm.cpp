// libxsmm: kernels generated for the instruction set at run time. It is column-major: our row-major C = A B is its Cᵀ = Bᵀ
// Aᵀ, so its m is our n and its n our rows.
#include "jetpinn/base/error.hpp"
#include "jetpinn/runtime/product_backends.hpp"

#include <algorithm>
#include <libxsmm.h>
#include <vector>

namespace jetpinn {
namespace {

template <class T>
struct Kernel;
template <>
struct Kernel<float> {
  using Function = libxsmm_smmfunction;
  static Function dispatch(int m, int n, int k, int lda, int ldb, int ldc, float beta, int flags) {
    const float one = 1;
    return libxsmm_smmdispatch(m, n, k, &lda, &ldb, &ldc, &one, &beta, &flags, nullptr);
  }
};
template <>
struct Kernel<double> {
  using Function = libxsmm_dmmfunction;
  static Function dispatch(int m, int n, int k, int lda, int ldb, int ldc, double beta, int flags) {
    const double one = 1;
    return libxsmm_dmmdispatch(m, n, k, &lda, &ldb, &ldc, &one, &beta, &flags, nullptr);
  }
};

// Rows go in tiles: the multiply's are its kernel's columns and any number does; the accumulate's are its inner extent, and
// a longer one loads and stores C less often (5 % at 192 against 64).
constexpr std::int64_t multiply_tile = 64, accumulate_tile = 192;

struct Piece {
  std::int64_t begin, size;
};

std::vector<Piece> split(std::int64_t extent) {
  std::vector<Piece> pieces;
  for (std::int64_t at = 0; at < extent; at += libxsmm_block) pieces.push_back({at, std::min(libxsmm_block, extent - at)});
  return pieces;
}

template <class T>
class LibxsmmProduct : public Product<T> {
 public:
  explicit LibxsmmProduct(const ProductShape& shape)
      : shape_(shape), row_tile_(shape.kind == ProductKind::accumulate ? accumulate_tile : multiply_tile),
        n_pieces_(split(shape.n)), k_pieces_(split(shape.k)), kernels_(static_cast<std::size_t>(row_tile_ + 1)) {}

  void operator()(std::int64_t rows, const T* a, const T* b, T* c) override {
    const std::int64_t full = rows / row_tile_ * row_tile_;
    const Kernels& kernels = kernels_for(row_tile_);
    const Kernels* rest = full < rows ? &kernels_for(rows - full) : nullptr;
    const bool multiply = shape_.kind != ProductKind::accumulate;
    for (std::size_t in = 0; in < n_pieces_.size(); ++in) {
      for (std::size_t ik = 0; ik < k_pieces_.size(); ++ik) {
        const std::int64_t n = n_pieces_[in].begin, k = k_pieces_[ik].begin;
        const std::size_t at = ik * n_pieces_.size() + in;
        for (std::int64_t i = 0; i < rows; i += row_tile_) {
          const auto call = (i < full ? kernels : *rest)[at];
          if (multiply) {
            call(b + k * shape_.ldb + n, a + i * shape_.lda + k, c + i * shape_.ldc + n);
          } else {
            call(b + i * shape_.ldb + n, a + i * shape_.lda + k, c + k * shape_.ldc + n);
          }
        }
      }
    }
  }

 private:
  using Kernels = std::vector<typename Kernel<T>::Function>;  // [k pieces, n pieces]

  const Kernels& kernels_for(std::int64_t rows) {
    Kernels& kernels = kernels_[static_cast<std::size_t>(rows)];
    if (kernels.empty()) {
      for (std::size_t ik = 0; ik < k_pieces_.size(); ++ik) {
        for (const Piece& n : n_pieces_) kernels.push_back(make_kernel(rows, ik, n));
      }
    }
    return kernels;
  }

  typename Kernel<T>::Function make_kernel(std::int64_t rows, std::size_t ik, const Piece& n) const {
    const auto to_int = [](std::int64_t value) { return static_cast<int>(value); };
    const std::int64_t k = k_pieces_[ik].size;
    const auto kernel =
        shape_.kind != ProductKind::accumulate
            ? Kernel<T>::dispatch(to_int(n.size), to_int(rows), to_int(k), to_int(shape_.ldb), to_int(shape_.lda),
                                  to_int(shape_.ldc), ik == 0 && shape_.kind == ProductKind::multiply ? T(0) : T(1),
                                  LIBXSMM_GEMM_FLAG_NONE)
            : Kernel<T>::dispatch(to_int(n.size), to_int(k), to_int(rows), to_int(shape_.ldb), to_int(shape_.lda),
                                  to_int(shape_.ldc), T(1), LIBXSMM_GEMM_FLAG_TRANS_B);
    JETPINN_CHECK(kernel != nullptr,
                  "libxsmm has no kernel for " + std::to_string(shape_.k) + "x" + std::to_string(shape_.n));
    return kernel;
  }

  ProductShape shape_;
  std::int64_t row_tile_;
  std::vector<Piece> n_pieces_, k_pieces_;
  std::vector<Kernels> kernels_;  // by number of rows, made when first wanted
};

}  // namespace

template <class T>
std::unique_ptr<Product<T>> make_libxsmm_product(const ProductShape& shape) {
  // The library keeps one table of kernels for the whole process and starts once.
  static const bool started = (libxsmm_init(), true);
  static_cast<void>(started);
  return std::make_unique<LibxsmmProduct<T>>(shape);
}

template std::unique_ptr<Product<float>> make_libxsmm_product<float>(const ProductShape&);
template std::unique_ptr<Product<double>> make_libxsmm_product<double>(const ProductShape&);

}  // namespace jetpinn
