// Orthonormal vectors and singular values of small matrices, in fp32 or fp64. A matrix is given as its columns, each of them
// contiguous: vectors [count, length].
#pragma once

#include <cstdint>

namespace jetpinn {

// Sum of products in eight running sums, which the compiler keeps in one register.
template <class T>
T dot(const T* x, const T* y, std::int64_t length);

// vectors becomes Q, orthonormal, and r [count, count] the upper triangle with V = Q R: modified Gram-Schmidt, each vector
// twice (Giraud, Langou and Rozloznik, The loss of orthogonality in the Gram-Schmidt process, 2005). A vector that depends
// on those before it becomes zero.
template <class T>
void orthonormalise(T* vectors, std::int64_t count, std::int64_t length, T* r);

// Singular value decomposition by one-sided rotations (Hestenes 1958; Golub and Van Loan, section 8.6.3): columns
// [count, length] become values[k] u_k, sorted by falling value, and turns [count, count] the right singular vectors, one
// after the other. values [count].
template <class T>
void rotate_to_singular(T* columns, std::int64_t count, std::int64_t length, T* turns, T* values);

}  // namespace jetpinn
