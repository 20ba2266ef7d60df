// Standard deviations of the last parameters of a least-squares fit, the others marginalised.
//
// The fit minimises rᵀ W r. Near its minimum the parameters answer a change e of the residuals by -H⁺ Jᵀ W e, H = Jᵀ W J.
// With residuals that are independent, those of term t of one variance v_t, the covariance is C = H⁺ Jᵀ W V W J H⁺ (the
// "sandwich" of White 1980, with one variance a term). For the last parameters p and the others n the columns of H⁺ are
//
//   D S⁻¹,  D = [-H_nn⁺ H_np; 1],  S = Dᵀ H D  (Schur complement),  and so  C_pp = S⁻¹ Dᵀ Jᵀ W V W J D S⁻¹.
//
// H_nn⁺ H_np comes from conjugate gradients on products J v and Jᵀ w, a column at a time.
#pragma once

#include "jetpinn/optim/objective_linearization.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace jetpinn {

struct DeviationOptions {
  int most_products = 2000;  // of H with a vector, for each column
  double settled = 0.01;     // a column is done when the last third of its products lowered its entry of S by less
  int least_products = 60;   // before that is asked
  std::function<bool()>
      stop;  // asked before every product, equal on every rank: ends it, and nothing is known; empty: never
};

struct Deviations {
  std::vector<double> values;  // [size - first]; NaN: the residuals do not tell, or conjugate gradients did not settle
  std::int64_t products = 0;   // that it took, for all columns
};

// Of parameters first to size - 1. variances: [terms], of one residual. Collective; equal bits on every rank.
Deviations standard_deviations(ObjectiveLinearization& linear, std::int64_t size, std::int64_t first,
                               const std::vector<double>& variances, const DeviationOptions& options = {});

}  // namespace jetpinn
