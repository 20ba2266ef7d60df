// A sparse matrix in compressed rows times columns of points, by torch.sparse: what sparse products of our own are compared
// with, in speed and in results.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace jetpinn {

template <class T>
struct CsrMatrix {
  std::int64_t rows = 0, columns = 0;
  std::vector<std::int32_t> starts;  // [rows + 1] where each row begins in the other two
  std::vector<std::int32_t> places;  // [kept] columns, rising within a row
  std::vector<T> values;             // [kept]
};

template <class T>
class CsrProduct {
 public:
  virtual ~CsrProduct() = default;
  // Y [rows, points] = A X + bias, X [columns, points], bias [rows].
  virtual void operator()(std::int64_t points, const T* x, const T* bias, T* y) = 0;
};

// Throws Error (usage) where LibTorch cannot be loaded, where memory does not suffice, or where it multiplies no such
// matrices, as where it was built without MKL.
template <class T>
std::unique_ptr<CsrProduct<T>> make_csr_product(const CsrMatrix<T>& matrix);

// What the module of LibTorch has for it (runtime/libtorch.hpp).
struct LibtorchSparse {
  std::unique_ptr<CsrProduct<float>> (*csr_fp32)(const CsrMatrix<float>&);
  std::unique_ptr<CsrProduct<double>> (*csr_fp64)(const CsrMatrix<double>&);
};

}  // namespace jetpinn

// Defined in the module.
extern "C" const jetpinn::LibtorchSparse jetpinn_libtorch_sparse;
