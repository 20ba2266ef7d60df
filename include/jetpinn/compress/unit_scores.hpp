// How much each hidden unit matters, by what the loss would lose without it.
//
// Removing unit u sets its weights W_uj in what reads it to 0; where its mean m_u is left in the bias behind
// (unit_groups.hpp, fold_means), the parameters move by -d_u, with d_u = (W_u. there, -m_u W_u. at the bias). Scores:
//   magnitude    |weights and bias into u| |W_u.|  (Han and others, 2015, for weights; by units as in Li and others, 2017)
//   activation   deviation of u's value over points, of its mean or of 0 where that is not left, times |W_u.|
//   taylor       root of the mean over mini-batches of (dL . d_u)^2: what the loss of a mini-batch changes by, to first
//   order
//                (Molchanov and others, 2019: "Importance estimation for neural network pruning", by groups of parameters;
//                dL . d_u = sum over points and channels of a dL/da, the criterion of Molchanov and others, 2017)
//   residual     root of sum over terms of mean over points of sum over residuals w (J d_u)^2, w the weights in the loss:
//                what the loss grows by where residuals are small, to second order with the Hessian of Gauss and Newton
// All with effective weights: factors multiplied. A unit that several layers share has what each of them says, squares
// added.
#pragma once

#include "jetpinn/comm/communicator.hpp"
#include "jetpinn/compress/prune_options.hpp"
#include "jetpinn/compress/unit_groups.hpp"
#include "jetpinn/train/assembly.hpp"

#include <vector>

namespace jetpinn {

// Over sample points, equally many of each term. [layers][units], empty where a layer gives fields; equal on every rank.
struct UnitStatistics {
  std::vector<std::vector<double>> mean, variance;
};

// Points that scores are taken at: of each term at most `batches` of its blocks, spread over all of them; a term with fewer
// takes them again. Every rank makes all of them. [batches]
std::vector<PointSet> score_batches(Assembly& assembly, int rank);

// Not collective; every rank computes the same bits.
UnitStatistics unit_statistics(const Assembly& assembly, const std::vector<PointSet>& batches,
                               const std::vector<double>& parameters);

// [groups][units]. Collective: the ranks share the mini-batches; the same bits on any number of ranks.
std::vector<std::vector<double>> unit_scores(Communicator& communicator, const PruneOptions& options,
                                             const Assembly& assembly, const UnitGroups& groups,
                                             const std::vector<PointSet>& batches, const UnitStatistics& statistics,
                                             const std::vector<double>& parameters);

}  // namespace jetpinn
