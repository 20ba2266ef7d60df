// The largest singular values of a matrix without a decomposition of all of it: from its factors, or by random projection.
//
//   factors   W = B A. B = Q_B R_B and Aᵀ = Q_A R_A, so that W = Q_B (R_B R_Aᵀ) Q_Aᵀ: the values are those of the
//             [rank, rank] core, exactly. B A is never formed.
//   sketch    Q spans W (Wᵀ W)^q Ω with Ω Gaussian of s columns, made orthonormal after every product; then W ≈ Q (Wᵀ Q)ᵀ,
//             which are factors. Halko, Martinsson and Tropp (Finding structure with randomness, SIAM Review 53, 2011,
//             corollary 10.10) bound what is lost in the expectation:
//               E |W - Q Qᵀ W| <= (1 + sqrt(k/(p-1)) + e sqrt(k+p)/p sqrt(min(m, n) - k))^(1/(2q+1)) σ_(k+1),   p = s - k.
//             Every singular value of Qᵀ W is below that of W by at most |W - Q Qᵀ W|.
#pragma once

#include "jetpinn/ablate/column_block.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

constexpr std::int64_t sketch_width = 16;  // s: ten values that are wanted, and p = 6 more
constexpr int sketch_powers = 2;           // q

// The right-hand side of the bound over σ_(k+1).
double sketch_bound(std::int64_t rows, std::int64_t columns, std::int64_t wanted);

// Scratch memory and random numbers of decompositions, used again by the next one.
template <class T>
class LowRankSvd {
 public:
  // values [wanted], falling, zeros where the matrix has fewer; left [vectors, rows] and right [vectors, columns], the
  // first singular vectors; null: not wanted. vectors <= wanted.
  struct Result {
    T* values;
    std::int64_t wanted;
    T* left = nullptr;
    T* right = nullptr;
    std::int64_t vectors = 0;
  };

  // b [rows, rank], a [rank, columns], row-major. Work: 4 (rows + columns) rank² FLOP and a core of rank³.
  void of_factors(const T* b, const T* a, std::int64_t rows, std::int64_t columns, std::int64_t rank, const Result& result);
  // weight [rows, columns], row-major. Work: (4 q + 4) rows columns s FLOP. Matrices with a side of at most s are not
  // sketched but decomposed. wanted <= s.
  void of_weight(const T* weight, std::int64_t rows, std::int64_t columns, const Result& result);

 private:
  // left_ [rank, rows] and right_ [rank, columns] hold the factors as columns.
  void decompose(std::int64_t rank, std::int64_t rows, std::int64_t columns, const Result& result);
  // The values of core_, and the vectors that it turns left_ and right_ to.
  void rotate(std::int64_t rank, std::int64_t rows, std::int64_t columns, const Result& result);
  void sketch(const T* weight, std::int64_t rows, std::int64_t columns, const Result& result);
  static void transposed(const std::vector<T>& block, std::int64_t length, std::vector<T>& vectors);
  const std::vector<T>& gaussian(std::int64_t columns);

  std::vector<T> left_, right_, left_r_, right_r_, core_, turns_, values_, tall_, wide_, gaussian_;
  BlockOrthonormaliser<T> block_;
};

}  // namespace jetpinn
