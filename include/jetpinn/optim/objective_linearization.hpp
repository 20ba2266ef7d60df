// The residuals of all terms over all ranks and their Jacobian J at some parameters: what Gauss-Newton methods,
// preconditioners and the balancing of terms stand on. With W the diagonal of weights, loss = rᵀ W r and its gradient is 2
// Jᵀ W r.
#pragma once

#include <cstdint>
#include <vector>

namespace jetpinn {

// Every call but those of counts and weights is collective: all ranks make the same ones in the same order, and where one
// rank fails all throw.
//
// A vector over parameters [size] is replicated, with equal bits on every rank. A vector over residuals is rank-local: term
// by term, [residuals of the term, this rank's points of it].
class ObjectiveLinearization {
 public:
  virtual ~ObjectiveLinearization() = default;

  virtual std::int64_t terms() const = 0;
  virtual std::int64_t residual_count() const = 0;                 // over all ranks
  virtual std::int64_t local_residuals() const = 0;                // of this rank
  virtual std::int64_t local_points(std::int64_t term) const = 0;  // of this rank
  virtual std::int64_t residuals_of(std::int64_t term) const = 0;  // per point
  virtual const std::vector<double>& weights() const = 0;          // W, [local_residuals], rank-local

  // r; returns rᵀ W r over all ranks, the loss.
  virtual double residuals(double* r) = 0;
  virtual void times(const double* v, double* product) = 0;         // J v: v [size], product [local_residuals]
  virtual void transposed(const double* w, double* product) = 0;    // Jᵀ w: w [local_residuals], product [size]
  virtual void gauss_newton(const double* v, double* product) = 0;  // Jᵀ W J v: both [size], one sum over ranks
  // gradients [terms, size]: that of each term's loss alone. Their sum is the gradient of the loss.
  virtual void term_gradients(double* gradients) = 0;
  // traces [terms]: of each term's share of the tangent kernel W^½ J Jᵀ W^½, the sum of w |row of J|².
  virtual void kernel_traces(double* traces) = 0;
  // Rows of J for this rank's points `first` to first + count - 1 of one term: [residuals_of(term), count, size],
  // rank-local. A rank that has no more points asks for none.
  virtual void rows(std::int64_t term, std::int64_t first, std::int64_t count, double* rows) = 0;

  // Jᵀ W J [size, size], row by row, for rank 0 alone: empty on the others.
  virtual std::vector<double> normal_matrix() = 0;
  // W^½ J Jᵀ W^½ [places, places] and W^½ r [places] for rank 0 alone. A residual has a place that does not depend on the
  // number of ranks; rows and columns of places without a residual are zero.
  struct Kernel {
    std::vector<double> matrix, residuals;
  };
  virtual std::int64_t kernel_places() const = 0;  // residual_count() at least
  virtual Kernel kernel() = 0;
  // Jᵀ W^½ a: a [kernel_places()] replicated, product [size].
  virtual void from_kernel(const double* a, double* product) = 0;
};

}  // namespace jetpinn
