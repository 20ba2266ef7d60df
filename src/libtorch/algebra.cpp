// What runtime/libtorch.hpp declares, by LAPACK's routines in LibTorch, and one thread for all of it.
#include "jetpinn/runtime/libtorch.hpp"

#include "jetpinn/base/version.hpp"
#include "jetpinn/libtorch/product.hpp"

#include <ATen/Parallel.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/cholesky_solve.h>
#include <ATen/ops/flip.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_cholesky_ex.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/linalg_qr.h>

#include <algorithm>
#include <tuple>

namespace jetpinn {
namespace {

at::Tensor view(const double* data, std::int64_t rows, std::int64_t columns) {
  return at::from_blob(const_cast<double*>(data), {rows, columns}, at::kDouble);
}

bool solve(const double* a, double* b, std::int64_t n) {
  const auto [factor, info] = at::linalg_cholesky_ex(view(a, n, n));
  if (info.item<int>() != 0) return false;
  const at::Tensor x = at::cholesky_solve(view(b, n, 1), factor).contiguous();
  std::copy_n(x.data_ptr<double>(), n, b);
  return true;
}

void to_eigenvectors(double* a, std::int64_t n) {
  const at::AutoDispatchBelowADInplaceOrView no_autograd;
  const at::Tensor matrix = view(a, n, n);
  // LAPACK's eigenvalues rise.
  matrix.copy_(at::flip(std::get<1>(at::linalg_eigh(matrix)), {1}));
}

void to_orthonormal_columns(double* a, std::int64_t n) {
  const at::AutoDispatchBelowADInplaceOrView no_autograd;
  const at::Tensor matrix = view(a, n, n);
  matrix.copy_(std::get<0>(at::linalg_qr(matrix)));
}

}  // namespace
}  // namespace jetpinn

extern "C" const jetpinn::LibtorchAlgebra jetpinn_libtorch_algebra = {
    jetpinn::make_libtorch_product<float>, jetpinn::make_libtorch_product<double>, jetpinn::solve, jetpinn::to_eigenvectors,
    jetpinn::to_orthonormal_columns};

extern "C" const char* const jetpinn_libtorch_version = jetpinn::version;

// A rank per core.
extern "C" void jetpinn_start_libtorch() { at::set_num_threads(1); }
