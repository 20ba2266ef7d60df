// A number λ for each point of a term, by whose square its squared residuals are weighed. λ begins at 1. With r² the sum of
// squares of a point's residuals, a refresh makes of it
//   self_adaptive: λ + rate λ r² / max(λ r²), ascent of λ² r² by λ (L. McClenny, U. Braga-Neto, Self-adaptive
//   physics-informed
//     neural networks, Journal of Computational Physics 474, 2023; arXiv:2009.04544),
//   rba: momentum λ + rate |r| / max|r| (S. Anagnostopoulos, J. Toscano, N. Stergiopulos, G. Karniadakis, Residual-based
//     attention in physics-informed neural networks, CMAME 421, 2024; arXiv:2307.00379).
// The maxima are over the points of the term that were evaluated, on all ranks.
#pragma once

#include "jetpinn/balance/balance_options.hpp"
#include "jetpinn/base/blocks.hpp"
#include "jetpinn/base/state.hpp"
#include "jetpinn/comm/communicator.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

// One rank's share.
class PointWeights {
 public:
  // blocks: those of the term that this rank holds, of `points` over all ranks; they outlive it. streamed: λ of the points
  // at hand, all of which are evaluated, kept by whoever reads them; null: λ of all points are kept here.
  PointWeights(const std::vector<Block>& blocks, std::int64_t points, std::vector<double>* streamed = nullptr);

  double weight_at(std::int64_t row) const {  // λ², of this rank's point
    const double lambda = streamed_ ? (*streamed_)[static_cast<std::size_t>(row)] : lambda_[static_cast<std::size_t>(row)];
    return lambda * lambda;
  }

  // Of an evaluation of some of the blocks: r² of its point `at`, of `evaluated` at this rank.
  void begin(std::int64_t evaluated) { squares_.assign(static_cast<std::size_t>(evaluated), 0.0); }
  void hear(std::int64_t at, double square) { squares_[static_cast<std::size_t>(at)] = square; }

  // Of the last evaluation, whose blocks were these: the largest of what a refresh divides by its maximum, of this rank.
  double largest(BalanceMethod method, const std::vector<Block>& evaluated) const;
  // most: the largest over all ranks; where it is not above zero or not finite, nothing changes.
  void refresh(const BalanceDefaults& settings, double most, const std::vector<Block>& evaluated);

  // Collective, before the blocks become `next` [ranks], in the order of ranks as they are: λ goes with its point.
  void exchange(Communicator& communicator, const std::vector<std::vector<Block>>& next);

  State state();  // λ of every point that is kept here

 private:
  double drive(BalanceMethod method, std::int64_t row, std::int64_t at) const;  // what is divided by its maximum
  // work(row, at): a row of this rank, and where it is among the evaluated ones.
  std::vector<double>& lambda() { return streamed_ ? *streamed_ : lambda_; }
  template <class Work>
  void for_each(const std::vector<Block>& evaluated, const Work& work) const;

  const std::vector<Block>& blocks_;
  const std::int64_t points_;
  std::vector<double>* streamed_;
  std::vector<double> lambda_;   // [rows of the blocks], rank-local; empty where they are streamed
  std::vector<double> squares_;  // [evaluated rows], rank-local
};

}  // namespace jetpinn
