// The eigenbasis of Shampoo's preconditioner (Gupta, Koren and Singer, arXiv:1802.09568) for one matrix of parameters: that
// of L, a mean of G Gᵀ, on the left, and that of R, a mean of Gᵀ G, on the right, where G are gradients. All matrices are
// row-major, and the same on every rank.
#pragma once

#include "jetpinn/runtime/product.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace jetpinn {

class KroneckerBasis {
 public:
  // A side of more than `most` has no statistics, and the unit matrix as its basis. So does a side of one.
  KroneckerBasis(std::int64_t rows, std::int64_t columns, std::int64_t most);

  // Those that have a basis: rows, then columns.
  static std::vector<std::int64_t> sides(std::int64_t rows, std::int64_t columns, std::int64_t most);

  // x, to, gradient, second [rows, columns]; basis, statistics, power: a square matrix for each side, one behind the other.
  void rotate(const double* basis, const double* x, double* to);       // to = Qlᵀ x Qr
  void rotate_back(const double* basis, const double* x, double* to);  // to = Ql x Qrᵀ
  void add(double keep, const double* gradient, double* statistics);   // L <- keep L + (1 - keep) G Gᵀ, R likewise
  // power = L Ql and R Qr. Its columns, and the numbers of a second moment in the old basis, are put in the falling order of
  // the eigenvalues qᵀ L q that the old basis lets one expect.
  void iterate(const double* statistics, const double* basis, double* power, double* second);

 private:
  using Multiply = std::unique_ptr<Product<double>>;
  const double* right_of(const double* matrices) const { return matrices + (left_ ? rows_ * rows_ : 0); }

  std::int64_t rows_, columns_;
  bool left_, right_;
  Multiply from_left_, from_left_transposed_, from_right_;  // square matrices times [rows, columns]
  Multiply left_gram_, right_gram_, left_square_;
  std::vector<double> between_, transposed_, square_;  // scratch
};

}  // namespace jetpinn
