// Updates of an approximate inverse Hessian H from a step s and the change y of the gradient along it: members of Broyden's
// class with a scaling 1/tau of the old matrix,
//
//   H+ = (H - v vᵀ / y·v + phi u uᵀ) / tau + s sᵀ / s·y,   v = H y,   u = sqrt(y·v) (s / s·y - v / y·v),
//
// which satisfy H+ y = s for every tau and phi (u·y = 0). H+ is positive definite where H is, s·y > 0, tau > 0 and the
// Hessian's form of the same update has 1 + theta a > 0. With b = s·H⁻¹s / s·y, h = y·v / s·y and a = b h - 1 >= 0
// (Cauchy and Schwarz):
//
//   bfgs       phi = 1, tau = min(1, 1/b): BFGS (Nocedal and Wright, Numerical Optimization, 2nd edition, equation 6.17)
//              with the scaling of Al-Baali, Optimization Methods and Software 9 (1998) 25
//   ssbroyden  c = sqrt(a / (a + 1)), r = min(1, h (1 - c)), theta = max((r - 1) / a, min(1 / r, (1 - b) / b)),
//              sigma = 1 + theta a, q = sigma^(1/(1-n)), t = min(1, 1/b),
//              phi = (1 - theta) / sigma, tau = t min(q, 1 / theta) where theta > 0, min(t q, sigma) elsewhere:
//              Al-Baali and Khalfan's choice as Urbán, Stefanou and Pons have it, "Unveiling the optimization process of
//              physics informed neural networks", J. Comput. Phys. 523 (2025) 113656
#pragma once

#include <cstdint>

namespace jetpinn {

// What a step and its change of the gradient say of H. All > 0.
struct Curvatures {
  double sy = 0;   // s·y
  double yhy = 0;  // y·H y
  double sbs = 0;  // s·H⁻¹s
};

struct BroydenFactors {
  double tau = 1, phi = 1;
};

BroydenFactors self_scaled_bfgs(const Curvatures& c);
BroydenFactors self_scaled_broyden(const Curvatures& c, std::int64_t parameters);

// H+ = keep H + sign[0] p pᵀ + sign[1] q qᵀ with p = along_s[0] s + along_v[0] v, and q likewise: products that are equal
// for (i, j) and (j, i), so that H+ is symmetric to the last bit.
struct RankTwo {
  double keep = 1;
  double sign[2] = {1, 1};
  double along_s[2] = {}, along_v[2] = {};
};

RankTwo rank_two(const BroydenFactors& factors, const Curvatures& c);

}  // namespace jetpinn
