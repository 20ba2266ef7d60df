#include "jetpinn/runtime/eigenbasis.hpp"

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/flip.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/linalg_qr.h>

#include <tuple>

namespace jetpinn {

void to_eigenvectors(double* a, std::int64_t n) {
  const at::AutoDispatchBelowADInplaceOrView no_autograd;
  const at::Tensor matrix = at::from_blob(a, {n, n}, at::kDouble);
  // LAPACK's eigenvalues rise.
  matrix.copy_(at::flip(std::get<1>(at::linalg_eigh(matrix)), {1}));
}

void to_orthonormal_columns(double* a, std::int64_t n) {
  const at::AutoDispatchBelowADInplaceOrView no_autograd;
  const at::Tensor matrix = at::from_blob(a, {n, n}, at::kDouble);
  matrix.copy_(std::get<0>(at::linalg_qr(matrix)));
}

}  // namespace jetpinn
