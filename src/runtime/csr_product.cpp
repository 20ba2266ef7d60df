#include "jetpinn/runtime/csr_product.hpp"

#include "jetpinn/runtime/libtorch.hpp"

#include <type_traits>

namespace jetpinn {

template <class T>
std::unique_ptr<CsrProduct<T>> make_csr_product(const CsrMatrix<T>& matrix) {
  const auto& table = libtorch_table<LibtorchSparse>("jetpinn_libtorch_sparse", libtorch_purposes::product);
  if constexpr (std::is_same_v<T, double>)
    return table.csr_fp64(matrix);
  else
    return table.csr_fp32(matrix);
}

template std::unique_ptr<CsrProduct<float>> make_csr_product(const CsrMatrix<float>&);
template std::unique_ptr<CsrProduct<double>> make_csr_product(const CsrMatrix<double>&);

}  // namespace jetpinn
