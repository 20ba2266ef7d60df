// Blocks of sixteen columns, [length, block_columns] row-major, so that a row fills a vector register: products with a whole
// matrix, and orthonormal columns.
#pragma once

#include <cstdint>
#include <vector>

namespace jetpinn {

constexpr std::int64_t block_columns = 16;

// out [rows, s] = w [rows, columns] x [columns, s]. 2 rows columns s FLOP; w is read once.
template <class T>
void multiply(const T* w, std::int64_t rows, std::int64_t columns, const T* x, T* out);

// out [columns, s] = wᵀ y, with y [rows, s]. The same work.
template <class T>
void multiply_transposed(const T* w, std::int64_t rows, std::int64_t columns, const T* y, T* out);

// out [columns, rows] = in [rows, columns]ᵀ
template <class T>
void transpose(const T* in, std::int64_t rows, std::int64_t columns, T* out);

// Makes the columns of a block orthonormal: V = Q R, with r [s, s] upper triangular, by the Cholesky factor of VᵀV in fp64.
// One pass keeps what the columns span, and leaves them orthonormal to the rounding of T times their condition; two leave
// them orthonormal to the rounding of T (Yamamoto, Nakatsukasa, Yanagisawa and Fukaya, Roundoff error analysis of the
// CholeskyQR2 algorithm, 2015). Columns that nearly depend on each other are left to orthonormalise (small_svd.hpp), which
// makes those that depend zero.
template <class T>
class BlockOrthonormaliser {
 public:
  // block [length, s]; one or two passes. Work: 6 length s² FLOP a pass.
  void make(T* block, std::int64_t length, int passes);
  const std::vector<T>& r() const { return r_; }  // of the last block, row-major

 private:
  bool pass(T* block, std::int64_t length);
  void one_by_one(T* block, std::int64_t length);

  std::vector<T> r_, inverse_, turned_, vectors_, start_;
  std::vector<double> wide_, gram_, factor_, product_;
};

}  // namespace jetpinn
