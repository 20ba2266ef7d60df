// Causal weights of one equation (S. Wang, S. Sankaran, P. Perdikaris, Respecting causality for training physics-informed
// neural networks, Computer Methods in Applied Mechanics and Engineering 421, 2024; arXiv:2203.07404). The coordinate's
// range is cut into chunks of equal length; with L_k the mean of r² over the points of chunk k, those of chunk i have the
// weight
//   w_i = exp(-tolerance sum_{k<i} L_k).
#pragma once

#include "jetpinn/base/state.hpp"
#include "jetpinn/problem/causal.hpp"
#include "jetpinn/sampling/point_set.hpp"

#include <cstdint>
#include <vector>

namespace jetpinn {

// Replicated.
class CausalWeights {
 public:
  explicit CausalWeights(const CausalTerm& term);  // all weights are 1

  const CausalOptions& options() const { return term_.options; }
  std::int64_t chunks() const { return term_.options.chunks; }
  std::int64_t chunk_of(double coordinate) const;  // the nearest one, of what lies outside
  std::int64_t chunk_at(const TermPoints& points, std::int64_t i) const {
    return chunk_of(points.coordinate(term_.coordinate)[i]);
  }
  double weight_of(std::int64_t chunk) const { return weights_[static_cast<std::size_t>(chunk)]; }
  double least() const;  // of all weights
  double tolerance() const { return term_.options.tolerances[static_cast<std::size_t>(level_)]; }

  // squares, counts [chunks]: of r² and of points over all ranks; a chunk without points is one that holds. Where all
  // weights are above the threshold, the next tolerance takes over. Sums that are not finite change nothing. True: the
  // tolerance rose.
  bool refresh(const double* squares, const double* counts);

  State state();  // the weights and the number of the tolerance

 private:
  void weigh(const double* squares, const double* counts);

  const CausalTerm term_;
  std::vector<double> weights_;  // [chunks]
  std::int64_t level_ = 0;       // of the tolerances
};

}  // namespace jetpinn
