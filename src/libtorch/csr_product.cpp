// What runtime/csr_product.hpp declares, by at::addmm_out of a tensor in compressed rows.
#include "jetpinn/runtime/csr_product.hpp"

#include "jetpinn/base/error.hpp"

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/_sparse_csr_tensor_unsafe.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/from_blob.h>
#include <c10/util/Exception.h>

#include <exception>
#include <new>
#include <string>
#include <vector>

namespace jetpinn {
namespace {

template <class T>
at::Tensor tensor_of(const T* data, at::IntArrayRef sizes) {
  return at::from_blob(const_cast<T*>(data), sizes, at::CppTypeToScalarType<T>::value);
}

// LibTorch says once in a process that such tensors are new to it; nobody here can do anything about that.
class NoWarnings : public c10::WarningHandler {
 public:
  void process(const c10::Warning&) override {}
};

// Allocations of the standard library, of LibTorch and of MKL fail in three ways.
bool is_lack_of_memory(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error)) return true;
  const std::string text = error.what();
  return text.find("allocate memory") != std::string::npos || text.find("ALLOC_FAILED") != std::string::npos;
}

template <class T>
class LibtorchCsr : public CsrProduct<T> {
 public:
  // Indices of 32 bits are those that MKL takes as they are.
  explicit LibtorchCsr(const CsrMatrix<T>& matrix) : rows_(matrix.rows), columns_(matrix.columns) {
    try {
      take(matrix);
    } catch (const std::exception& error) {
      refuse(matrix, error);
    }
  }

  void operator()(std::int64_t points, const T* x, const T* bias, T* y) override {
    const at::AutoDispatchBelowADInplaceOrView no_autograd;
    at::Tensor out = tensor_of(y, {rows_, points});
    at::addmm_out(out, tensor_of(bias, {rows_, 1}).expand({rows_, points}), matrix_, tensor_of(x, {columns_, points}));
  }

 private:
  void take(const CsrMatrix<T>& matrix) {
    const auto kept = static_cast<std::int64_t>(matrix.values.size());
    const at::AutoDispatchBelowADInplaceOrView no_autograd;
    NoWarnings handler;
    const c10::WarningUtils::WarningHandlerGuard quiet(&handler);
    matrix_ = at::_sparse_csr_tensor_unsafe(
        tensor_of(matrix.starts.data(), {rows_ + 1}).clone(), tensor_of(matrix.places.data(), {kept}).clone(),
        tensor_of(matrix.values.data(), {kept}).clone(), {rows_, columns_},
        at::TensorOptions().dtype(at::CppTypeToScalarType<T>::value).layout(at::kSparseCsr));
    const std::vector<T> x(static_cast<std::size_t>(columns_)), bias(static_cast<std::size_t>(rows_));
    std::vector<T> y(static_cast<std::size_t>(rows_));
    (*this)(1, x.data(), bias.data(), y.data());
  }

  [[noreturn]] static void refuse(const CsrMatrix<T>& matrix, const std::exception& error) {
    if (is_lack_of_memory(error))
      throw Error(Status::usage, "out of memory: LibTorch is to hold a matrix of " + std::to_string(matrix.rows) + " x " +
                                     std::to_string(matrix.columns) + " in compressed rows with " +
                                     std::to_string(matrix.values.size()) + " weights, and its columns of points; " +
                                     "compare a smaller network, or use a machine with more memory");
    const std::string text = error.what();
    throw Error(Status::usage,
                "this LibTorch multiplies no matrices in compressed rows: " + text.substr(0, text.find('\n')));
  }

  std::int64_t rows_, columns_;
  at::Tensor matrix_;
};

template <class T>
std::unique_ptr<CsrProduct<T>> make_libtorch_csr(const CsrMatrix<T>& matrix) {
  return std::make_unique<LibtorchCsr<T>>(matrix);
}

}  // namespace
}  // namespace jetpinn

extern "C" const jetpinn::LibtorchSparse jetpinn_libtorch_sparse = {jetpinn::make_libtorch_csr<float>,
                                                                    jetpinn::make_libtorch_csr<double>};
