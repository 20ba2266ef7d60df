// Small dense systems of normal equations, by LibTorch.
#pragma once

#include <vector>

namespace jetpinn {

// x [n] of (A + ridge d I) x = b, by Cholesky's factors: A [n, n] is symmetric and positive semi-definite, d its largest
// diagonal entry. Empty where A + ridge d I is not positive definite to rounding, or a number is not finite.
std::vector<double> solve_symmetric(const std::vector<double>& a, const std::vector<double>& b, double ridge);

}  // namespace jetpinn
