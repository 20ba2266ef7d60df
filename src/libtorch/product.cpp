#include "jetpinn/libtorch/product.hpp"

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mm.h>

namespace jetpinn {
namespace {

template <class T>
at::Tensor view(const T* data, std::int64_t rows, std::int64_t columns, std::int64_t ld) {
  return at::from_blob(const_cast<T*>(data), {rows, columns}, {ld, 1}, at::CppTypeToScalarType<T>::value);
}

template <class T>
class LibtorchProduct : public Product<T> {
 public:
  explicit LibtorchProduct(const ProductShape& shape) : shape_(shape) {}

  void operator()(std::int64_t rows, const T* a, const T* b, T* c) override {
    at::AutoDispatchBelowADInplaceOrView no_autograd;
    const bool multiply = shape_.kind != ProductKind::accumulate;
    const at::Tensor left = view(a, rows, shape_.k, shape_.lda);
    const at::Tensor right = view(b, multiply ? shape_.k : rows, shape_.n, shape_.ldb);
    at::Tensor out = view(c, multiply ? rows : shape_.k, shape_.n, shape_.ldc);
    if (shape_.kind == ProductKind::multiply) {
      at::mm_out(out, left, right);
    } else if (multiply) {
      at::addmm_out(out, out, left, right);
    } else {
      at::addmm_out(out, out, left.t(), right);
    }
  }

 private:
  ProductShape shape_;
};

}  // namespace

template <class T>
std::unique_ptr<Product<T>> make_libtorch_product(const ProductShape& shape) {
  return std::make_unique<LibtorchProduct<T>>(shape);
}

template std::unique_ptr<Product<float>> make_libtorch_product<float>(const ProductShape&);
template std::unique_ptr<Product<double>> make_libtorch_product<double>(const ProductShape&);

}  // namespace jetpinn
