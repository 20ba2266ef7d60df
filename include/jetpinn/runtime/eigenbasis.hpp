// Orthonormal bases of small symmetric matrices, by LibTorch. Numbers must be finite.
#pragma once

#include <cstdint>

namespace jetpinn {

// a [n, n], symmetric and row-major, becomes its eigenvectors as columns, that of the largest eigenvalue first.
void to_eigenvectors(double* a, std::int64_t n);
// a [n, n] becomes Q of its QR factors: column k is orthogonal to all before it, and they span what those of `a` did.
void to_orthonormal_columns(double* a, std::int64_t n);

}  // namespace jetpinn
