#include "jetpinn/runtime/eigenbasis.hpp"

#include "jetpinn/runtime/libtorch.hpp"

namespace jetpinn {
namespace {

const LibtorchAlgebra& algebra() { return libtorch_algebra(libtorch_purposes::basis); }

}  // namespace

void to_eigenvectors(double* a, std::int64_t n) { algebra().to_eigenvectors(a, n); }

void to_orthonormal_columns(double* a, std::int64_t n) { algebra().to_orthonormal_columns(a, n); }

}  // namespace jetpinn
