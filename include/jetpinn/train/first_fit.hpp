// Where a training begins: the last layer fitted to the conditions by linear least squares, everything before it as drawn
// (Wang, Li, Chen and Perdikaris, 2024: "PirateNets", physics-informed initialisation). With p the last layer's weights and
// biases, r the conditions' residuals and J = dr/dp, one Gauss-Newton step
//   p += d,  (Jᵀ W J + ridge) d = -Jᵀ W r
// is the fit itself where r is linear in the outputs. The ridge keeps what the conditions do not determine near its start.
#pragma once

#include "jetpinn/engine/engine.hpp"
#include "jetpinn/train/assembly.hpp"
#include "jetpinn/train/rank_sum.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace jetpinn {

// What is fitted, and to what.
struct FirstFitProblem {
  std::vector<std::int64_t> columns;    // places of the fitted parameters; none: no network begins with a fit
  std::vector<std::size_t> conditions;  // their terms of the problem
};
FirstFitProblem first_fit_problem(const Assembly& assembly);

// Terms and points of the conditions alone, copied from all.
std::vector<EngineTerm> terms_of(const FirstFitProblem& fit, const Assembly& assembly);
PointSet points_of(const FirstFitProblem& fit, const PointSet& points);

struct FirstFit {
  bool taken = false;            // finite, and the conditions' loss is lower by it
  double before = 0, after = 0;  // the conditions' loss
  std::string text() const;      // for the log
};

// A fit of more parameters would take its time and memory in their square; it is not made.
constexpr std::int64_t most_fitted_parameters = 2048;
std::string first_fit_obstacle(const FirstFitProblem& fit);  // why there is none, for the log; empty: nothing is in its way

// The ridge over the largest diagonal entry of Jᵀ W J. A smaller one fits closer by weights so large that the first steps of
// Adam destroy the fit (docs/networks.md).
constexpr double first_fit_ridge = 1e-5;

// Collective; equal parameters on all ranks afterwards. Engine and points are those of the conditions.
FirstFit fit_conditions(const RankSumSetting& sums, Engine& engine, const PointSet& points,
                        const std::vector<std::int64_t>& columns, std::vector<double>& parameters,
                        double ridge = first_fit_ridge);

// Bytes of one rank while it is made.
std::int64_t plan_first_fit_memory(const Assembly& assembly, const TrainingOptions& training, int rank,
                                   const RecomputedLayers& recomputed = {});

}  // namespace jetpinn
